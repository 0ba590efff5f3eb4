import { isAuthError } from '@portico/sdk'
import { useAuth } from '@portico/sdk/react'
import { useState } from 'react'
import styles from './forget-visit.module.css'

/** For computers that people share: the next visitor starts afresh. */
export function ForgetVisit() {
  const who = useAuth()
  const [said, setSaid] = useState('')
  const [isBusy, setBusy] = useState(false)

  const forget = async () => {
    setBusy(true)
    try {
      await who.newGuest()
      setSaid('Forgotten. This is a new visit.')
    } catch (error) {
      setSaid(`Forgotten. ${isAuthError(error) ? error.message : ''}`)
    } finally {
      setBusy(false)
    }
  }

  if (who.status === 'member') return null
  return (
    <p className={styles.forget}>
      <strong>A shared computer?</strong>{' '}
      <button type="button" className={styles.button} disabled={isBusy || who.status !== 'guest'} onClick={forget}>
        Forget this visit
      </button>{' '}
      <span role="status">{said}</span>
    </p>
  )
}

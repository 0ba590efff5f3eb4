import styles from './password-field.module.css'
import { Status } from './text.tsx'
import { TextField, type TextFieldProps } from './text-field.tsx'
import { useHydrated } from './use-hydrated.ts'

interface Props extends Omit<TextFieldProps, 'type' | 'children'> {
  isShown: boolean
  onToggle: () => void
}

/** A password, hidden until the person asks to see it. The button needs the script, so it comes with it. */
export function PasswordField({ isShown, onToggle, ...field }: Props) {
  const isHydrated = useHydrated()
  return (
    <TextField {...field} type={isShown ? 'text' : 'password'}>
      {isHydrated && (
        <button
          type="button"
          aria-controls={field.name}
          aria-label={isShown ? 'Hide password' : 'Show password'}
          onClick={onToggle}
          className={styles.toggle}
        >
          {isShown ? 'Hide' : 'Show'}
        </button>
      )}
      <Status>{isShown ? 'Your password is visible.' : ''}</Status>
    </TextField>
  )
}

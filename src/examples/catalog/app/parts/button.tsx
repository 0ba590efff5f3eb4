import type { ButtonHTMLAttributes } from 'react'
import styles from './button.module.css'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'strong' | 'quiet'
}

export function Button({ look = 'strong', ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={`${styles.button} ${styles[look]}`} />
}

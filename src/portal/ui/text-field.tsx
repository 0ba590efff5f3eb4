import type { InputHTMLAttributes, ReactNode, Ref } from 'react'
import styles from './text-field.module.css'

export interface TextFieldProps
  extends Pick<
    InputHTMLAttributes<HTMLInputElement>,
    'autoComplete' | 'autoCapitalize' | 'inputMode' | 'enterKeyHint' | 'defaultValue' | 'autoFocus'
  > {
  label: string
  /** Names the field in the form, and its element in the page. */
  name: string
  type?: 'text' | 'password'
  /** What is wrong with this field alone. */
  error?: string | undefined
  /** Element that says what is wrong with this field and others together. */
  describedBy?: string | undefined
  ref?: Ref<HTMLInputElement>
  /** Stands in the field's end. */
  children?: ReactNode
}

/** A labelled line to type into, with what is wrong with it said beneath. */
export function TextField({ label, name, type = 'text', error, describedBy, children, ...input }: TextFieldProps) {
  const errorId = `${name}-error`
  return (
    <div className={styles.field}>
      <label htmlFor={name} className={styles.label}>
        {label}
      </label>
      <div className={styles.line}>
        <input
          {...input}
          id={name}
          name={name}
          type={type}
          autoCorrect="off"
          spellCheck={false}
          aria-required="true"
          aria-invalid={Boolean(error || describedBy)}
          aria-describedby={error ? errorId : describedBy}
          className={styles.input}
        />
        {children}
      </div>
      {error && (
        <p id={errorId} role="alert" className={styles.error}>
          {error}
        </p>
      )}
    </div>
  )
}

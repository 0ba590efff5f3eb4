import type { PageState, RenderOptions } from '../contract/page-state.ts'

/** What `index.html` leaves open, in double braces. */
export type TemplateValues = Record<'lang' | 'theme' | 'colorScheme' | 'title' | 'nonce' | 'app' | 'state', string>

/**
 * Fills every `{{name}}` of a template. The template is cut before anything is put in, so a value that itself looks
 * like `{{state}}` stays text.
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template
    .split(/\{\{(\w+)\}\}/)
    .map((part, index) => (index % 2 === 0 ? part : lookUp(part, values)))
    .join('')
}

function lookUp(name: string, values: TemplateValues): string {
  const value = (values as Partial<Record<string, string>>)[name]
  if (value === undefined) throw new Error(`index.html asks for {{${name}}}, which nobody fills in`)
  return value
}

/** Text for an element's content or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** JSON that can't end its script element, nor a line of script (ECMAScript before 2019). */
export function embedJson(state: PageState): string {
  return JSON.stringify(state).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The languages the portal's words exist in. All are written from left to right, as `index.html` says. */
const written = new Set(['en'])

/** The language a page is really in: the one asked for, or English. */
export function languageOf(locale: string): string {
  const [language = ''] = locale.toLowerCase().split('-')
  return written.has(language) ? locale : 'en'
}

/** Before the style sheet is there, the browser already paints the right canvas. */
export function colorSchemeOf(theme: RenderOptions['theme']): string {
  return theme === 'auto' ? 'light dark' : theme
}

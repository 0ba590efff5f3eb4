import { inGroups } from './one-time-password.ts'

interface Contents {
  /** What people call the shop, and the app the password is for. */
  tenantName: string
  clientName: string
  password: string
  minutes: number
}

/** What the person reads. No link: nobody should learn to follow one from a mail to where passwords are typed. */
export function composeMail({ tenantName, clientName, password, minutes }: Contents) {
  const code = inGroups(password)
  const asked = `You, or somebody who typed your name, asked for a one-time password at ${tenantName}. Enter it where ${clientName} asks for your password:`
  const limits = `It works once, for signing in to ${clientName}, within ${minutes} minutes. A newer one ends it.`
  const warning = `Nobody at ${tenantName} will ever ask you for it. If you didn’t want it, do nothing: without this mail nobody can use it.`
  return {
    sender: tenantName,
    // Not the password: subjects show on locked screens.
    subject: `Your one-time password for ${tenantName}`,
    text: [asked, `    ${code}`, limits, warning].join('\n\n'),
    html: htmlOf(asked, code, [limits, warning]),
  }
}

function htmlOf(asked: string, code: string, rest: string[]): string {
  const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>',
    '<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 1.5em auto; padding: 0 1em">',
    paragraph(asked),
    `<p style="font: 600 22px/1.5 ui-monospace, monospace; letter-spacing: 0.05em">${code}</p>`,
    ...rest.map(paragraph),
    '</body></html>',
  ].join('\n')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

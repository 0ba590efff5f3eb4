import type { Flood } from './flood.ts'
import { PHASES } from './phases.ts'

/** Most times longer a refresh may take during a flood. */
const LIMIT = 2

/** What a flood of wrong passwords does to those who refresh. */
export function floodRows(flood: Flood): string {
  const { quiet } = flood
  const worst = Math.max(...PHASES.map((phase) => flood[phase].p99Ms)) / quiet.p99Ms
  const statuses = [...new Set(PHASES.flatMap((phase) => Object.keys(flood[phase].answers)))].toSorted()
  const cells = (cell: (phase: (typeof PHASES)[number]) => string) => PHASES.map(cell)
  return [
    row('flood of wrong passwords', ...PHASES, 'target'),
    row('refresh, median', ...cells((phase) => ms(flood[phase].p50Ms)), ''),
    row('refresh, p99', ...cells((phase) => ms(flood[phase].p99Ms)), `≤ ${LIMIT}× quiet ${worst <= LIMIT ? '✓' : '✗'}`),
    ...statuses.map((status) =>
      row(
        `wrong passwords answered ${status}`,
        ...cells((phase) => perSecond(flood[phase].answers[Number(status)])),
        '',
      ),
    ),
  ].join('\n')
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}

function perSecond(value = 0): string {
  return value === 0 ? '' : `${Math.round(value)}/s`
}

function row(name: string, ...cells: string[]): string {
  return name.padEnd(32) + cells.map((cell) => cell.padStart(16)).join('')
}

import { median } from './median.ts'
import type { Figures, Measured } from './rounds.ts'
import type { StartUps } from './start-up.ts'

const COLUMNS = ['', 'ours/s', 'other/s', 'ratio (min–max)', 'target', 'CPU ms ours', 'CPU ms other', 'load busy']
const WIDTHS = [62, 9, 9, 19, 11, 12, 13, 10]
const START_LIMIT_MS = 600
const IDLE_LIMIT_MIB = 120
const MIB = 2 ** 20
/** Above it, the load process may have set the pace. */
const BUSY_LIMIT = 0.9

export function tableHead(): string {
  return row(COLUMNS)
}

export function tableRow({ scenario, subject, rival, errors, reasons }: Measured): string {
  const busy = busyShare({ subject, rival })
  const cells = [
    `${scenario.name.padEnd(15)}${scenario.title}`,
    rate(subject),
    rival ? rate(rival) : '',
    ...(rival ? ratioCells(subject, rival, scenario.target) : ['', '']),
    subject.cpuMsEach.toFixed(3),
    rival ? rival.cpuMsEach.toFixed(3) : '',
    `${Math.round(busy * 100)} %${busy > BUSY_LIMIT ? ' !' : ''}`,
  ]
  const failures = errors > 0 ? [`  ${errors} answers were wrong:`, ...reasons.map((reason) => `    ${reason}`)] : []
  return [row(cells), ...failures].join('\n')
}

/** Whether the figures are the servers' own. */
export function tableFoot(measured: readonly Measured[]): string {
  const busiest = Math.max(...measured.map(busyShare))
  const share = `The load process was at work for ${Math.round(busiest * 100)} % of the time at most`
  return busiest > BUSY_LIMIT ? `${share}: rows with ! may show its pace.` : `${share}: the servers set the pace.`
}

export function startUpRows({ first, again, stock }: StartUps): string {
  const more = again.startMs - stock.startMs
  const idle = Math.max(first.idleBytes, again.idleBytes)
  return [
    startUpRow('', 'ours', 'first time', 'stock', 'target'),
    startUpRow('start, to the first 200', ...[again, first, stock].map(({ startMs }) => seconds(startMs)), ''),
    startUpRow(
      '  more than stock',
      seconds(more),
      '',
      '',
      outcome(`≤ ${START_LIMIT_MS / 1000} s`, more <= START_LIMIT_MS),
    ),
    startUpRow(
      'idle memory (RSS)',
      ...[again, first, stock].map(({ idleBytes }) => mebibytes(idleBytes)),
      outcome(`≤ ${IDLE_LIMIT_MIB} MiB`, idle / MIB <= IDLE_LIMIT_MIB),
    ),
  ].join('\n')
}

function busyShare({ subject, rival }: Pick<Measured, 'subject' | 'rival'>): number {
  return Math.max(subject.busy, rival?.busy ?? 0)
}

function startUpRow(name: string, ...cells: string[]): string {
  return name.padEnd(26) + cells.map((cell) => cell.padStart(14)).join('')
}

function ratioCells(subject: Figures, rival: Figures, target: number | undefined): string[] {
  const ratios = subject.rates.map((value, round) => value / (rival.rates[round] ?? Number.NaN))
  const middle = median(ratios)
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  return [`${middle.toFixed(2)} (${range})`, target === undefined ? '' : outcome(`≥ ${target}`, middle >= target)]
}

function outcome(target: string, isReached: boolean): string {
  return `${target} ${isReached ? '✓' : '✗'}`
}

function rate({ rates }: Figures): string {
  const value = median(rates)
  return value < 1000 ? value.toFixed(1) : Math.round(value).toString()
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`
}

function row([name = '', ...cells]: string[]): string {
  const [first = 0, ...widths] = WIDTHS
  return name.padEnd(first) + cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(' ')
}

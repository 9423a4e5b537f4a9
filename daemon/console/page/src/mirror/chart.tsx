// SPDX-License-Identifier: Apache-2.0
// A report as a drawing: lines over time, bars over names. SVG, so it is as sharp on paper; lines differ by dashes, not by colour alone. The table beneath says the same.
import type { JSX } from 'preact';
import type { ColumnType, Report } from '../api/types';
import { everyNth, linePath, ticks } from '../lib/chart';
import { meaning } from '../inbox/summary';
import { say } from '../words';
import { columnName, shownCell } from './cells';

const width = 760;
const height = 240;
const left = 64;
const bottom = 34;
const top = 10;
const mostSeries = 6;
const mostBars = 12;
const drawn: readonly ColumnType[] = ['integer', 'number', 'share', 'seconds', 'money'];

const numberOf = (cell: string | number | null | undefined): number | null => (typeof cell === 'number' ? cell : null);

/** The columns that are drawn together: of one kind, the first that can be drawn says which. */
export function series(report: Report): number[] {
  const first = report.columns.find((column) => drawn.includes(column.type));
  return report.columns.flatMap((column, i) => (first && column.type === first.type ? [i] : [])).slice(0, mostSeries);
}

function Lines({ report, of }: { report: Report; of: number[] }): JSX.Element {
  const type = report.columns[of[0]!]!.type;
  const most = Math.max(...report.rows.flatMap((row) => of.map((i) => numberOf(row[i]) ?? 0)), 0);
  const steps = ticks(most);
  const peak = steps[steps.length - 1]!;
  const x = (i: number): number => left + (report.rows.length < 2 ? 0.5 : i / (report.rows.length - 1)) * (width - left - 16);
  const y = (value: number): number => top + (1 - value / peak) * (height - top - bottom);
  const nth = everyNth(report.rows.length, 7);
  return (
    <>
      {steps.map((step) => (
        <g key={step}>
          <line class="grid" x1={left} x2={width - 10} y1={y(step)} y2={y(step)} />
          <text x={left - 8} y={y(step) + 4} text-anchor="end">{shownCell(step, type)}</text>
        </g>
      ))}
      {report.rows.map((row, i) => i % nth === 0 && <text key={i} x={x(i)} y={height - 10} text-anchor="middle">{shownCell(row[0] ?? null, 'time', report.by)}</text>)}
      {of.map((column, nr) => {
        const points = report.rows.map((row, i) => {
          const value = numberOf(row[column]);
          return value === null ? null : { x: x(i), y: y(value) };
        });
        return (
          <g key={column} class={`series s${nr}`}>
            <path d={linePath(points)} />
            {report.rows.length <= 40 && points.map((point, i) => point && <circle key={i} cx={point.x} cy={point.y} r="3"><title>{`${shownCell(report.rows[i]![0] ?? null, 'time', report.by)}: ${shownCell(report.rows[i]![column] ?? null, type)}`}</title></circle>)}
          </g>
        );
      })}
    </>
  );
}

function Bars({ report, of }: { report: Report; of: number }): JSX.Element {
  const { type } = report.columns[of]!;
  const rows = [...report.rows].sort((a, b) => (numberOf(b[of]) ?? 0) - (numberOf(a[of]) ?? 0)).slice(0, mostBars);
  const most = Math.max(...rows.map((row) => numberOf(row[of]) ?? 0), 1e-9);
  return (
    <>
      {rows.map((row, i) => {
        const value = numberOf(row[of]) ?? 0;
        const length = (value / most) * (width - 330);
        return (
          <g key={i} class="series s0">
            <text x={200} y={i * 24 + 20} text-anchor="end">{String(shownCell(row[0] ?? null, report.columns[0]!.type)).slice(0, 28)}</text>
            <rect x={210} y={i * 24 + 7} width={Math.max(1, length)} height={17} rx="3" />
            <text x={218 + length} y={i * 24 + 20}>{shownCell(value, type)}</text>
          </g>
        );
      })}
    </>
  );
}

export function Chart({ report }: { report: Report }): JSX.Element | null {
  const words = say();
  const of = series(report);
  const overTime = report.columns[0]?.type === 'time';
  if (of.length === 0 || report.rows.length === 0 || report.rows.length > 2000) return null;
  const tall = overTime ? height : Math.min(report.rows.length, mostBars) * 24 + 12;
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${tall}`} role="img" aria-label={`${meaning(words.reports, report.name)}: ${of.map((i) => columnName(report.columns[i]!.name)).join(', ')}`}>
        {overTime ? <Lines report={report} of={of} /> : <Bars report={report} of={of[0]!} />}
      </svg>
      <figcaption class="legend">
        {(overTime ? of : of.slice(0, 1)).map((column, nr) => (
          <span key={column} class={`series s${nr}`}>
            <svg width="30" height="10" aria-hidden="true"><path d="M0 5L30 5" /></svg>
            {columnName(report.columns[column]!.name)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

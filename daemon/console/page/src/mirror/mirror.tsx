// SPDX-License-Identifier: Apache-2.0
// The owner's mirror: what customers wrote, who answered and how soon, what it cost. Each report as a chart, a table and a file.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { base, get, query } from '../api/client';
import type { Report, Status } from '../api/types';
import { fullMoment } from '../lib/format';
import { meaning } from '../inbox/summary';
import { language } from '../state/settings';
import { Choice, Field, Loaded, useRead } from '../ui/parts';
import { say } from '../words';
import { columnName, shownCell } from './cells';
import { Chart } from './chart';

const day = 86_400_000;
const periods = { today: 1, week: 7, month: 30, quarter: 91 };
type Period = keyof typeof periods | 'own';
const shownRows = 100;

/** One row of figures, each of its own kind. */
const isOverview = ({ columns, rows }: Report): boolean => rows.length === 1 && columns[0]?.type !== 'time' && columns[0]?.type !== 'text';

/** Of a row of money. */
const currencyOf = (report: Report, row: Report['rows'][number]): string => String(row[report.columns.findIndex(({ name }) => name === 'currency')] ?? '');

function Figures({ report }: { report: Report }): JSX.Element {
  return (
    <dl class="figures">
      {report.columns.map((column, i) => (
        <div key={column.name}>
          <dt>{columnName(column.name)}</dt>
          <dd>{shownCell(report.rows[0]![i] ?? null, column.type)}</dd>
        </div>
      ))}
    </dl>
  );
}

function OneReport({ name, from, to, by, channel }: { name: string; from: string; to: string; by: 'hour' | 'day'; channel: string }): JSX.Element {
  const words = say();
  const read = useRead((signal) => get<Report>(`/reports/${name}${query({ from, to, by, channel })}`, signal), [name, from, to, by, channel]);
  const [all, setAll] = useState(false);
  const file = (format: string): string => `${base}/reports/${name}${query({ from, to, by, channel, format })}`;
  const title = meaning(words.reports, name);
  return (
    <section class="sheet report">
      <h2>{title}</h2>
      <p class="buttons no-print">
        <a class="button" href={file('csv')} download={`${name}.csv`}>CSV<span class="hidden"> {title}</span></a>
        <a class="button" href={file('xlsx')} download={`${name}.xlsx`}>XLSX<span class="hidden"> {title}</span></a>
      </p>
      <Loaded read={read}>
        {(report) => (
          <>
            {report.rows.length === 0 && <p class="quiet">{words.nothing}</p>}
            {isOverview(report) ? <Figures report={report} /> : <Chart report={report} />}
            {report.rows.length > 0 && !isOverview(report) && (
              <div class="scroll" tabIndex={0} role="region" aria-label={title}>
                <table class="data">
                  <thead>
                    <tr>{report.columns.map((column) => <th key={column.name} scope="col" class={column.type === 'text' || column.type === 'time' ? '' : 'n'}>{columnName(column.name)}</th>)}</tr>
                  </thead>
                  <tbody>
                    {report.rows.slice(0, all ? undefined : shownRows).map((row, i) => (
                      <tr key={i}>{row.map((cell, at) => <td key={at} class={['text', 'time'].includes(report.columns[at]!.type) ? '' : 'n'}>{shownCell(cell, report.columns[at]!.type, report.by, currencyOf(report, row))}</td>)}</tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {report.rows.length > shownRows && !all && <p><button type="button" onClick={() => setAll(true)}>{words.allRows(report.rows.length)}</button></p>}
          </>
        )}
      </Loaded>
    </section>
  );
}

const dateIn = (moment: number): string => {
  const date = new Date(moment);
  return new Date(moment - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

export function View(): JSX.Element {
  const words = say();
  const [period, setPeriod] = useState<Period>('week');
  const [own, setOwn] = useState(() => ({ from: dateIn(Date.now() - 7 * day), to: dateIn(Date.now()) }));
  const [by, setBy] = useState<'hour' | 'day'>('day');
  const [channel, setChannel] = useState('');
  const read = useRead((signal) => get<{ reports: { name: string }[] }>('/reports', signal), []);
  const status = useRead((signal) => get<Status>('/status', signal), []);
  const { from, to } = useMemo(() => {
    const now = Date.now();
    if (period !== 'own') return { from: new Date(now - periods[period] * day).toISOString(), to: new Date(now).toISOString() };
    const begin = Date.parse(`${own.from}T00:00`);
    const end = Date.parse(`${own.to}T00:00`) + day;
    return Number.isFinite(begin) && begin < end ? { from: new Date(begin).toISOString(), to: new Date(end).toISOString() } : { from: '', to: '' };
  }, [period, own]);
  return (
    <div class="work mirror">
      <div class="content">
        <h1>{words.mirror}</h1>
        <p class="quiet">{from && `${fullMoment(Date.parse(from), language.value)} – ${fullMoment(Date.parse(to), language.value)}`}</p>
        <div class="filters">
          <Choice label={words.period} value={period} onValue={setPeriod} options={[...(Object.keys(periods) as (keyof typeof periods)[]), 'own' as const].map((one) => [one, words.periods[one]] as const)} />
          {period === 'own' && <Field label={words.from} type="date" value={own.from} onValue={(value) => setOwn({ ...own, from: value })} />}
          {period === 'own' && <Field label={words.until} type="date" value={own.to} onValue={(value) => setOwn({ ...own, to: value })} />}
          <Choice label={words.by} value={by} onValue={setBy} options={[['day', words.byDay], ['hour', words.byHour]] as const} />
          <Choice label={words.channel} value={channel} onValue={setChannel} options={[['', words.everything] as const, ...(status.value?.channels ?? []).map(({ id }) => [id, id] as const)]} />
          <a class="button" href={`${base}/reports/all${query({ from, to, by, channel, format: 'xlsx' })}`} download="kefud.xlsx">{words.allXlsx}</a>
          <button type="button" onClick={() => window.print()}>{words.print}</button>
        </div>
        <Loaded read={read}>{({ reports }) => <>{reports.map(({ name }) => <OneReport key={name} name={name} from={from} to={to} by={by} channel={channel} />)}</>}</Loaded>
      </div>
    </div>
  );
}

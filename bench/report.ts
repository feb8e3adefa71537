// bench/results.md, from what was measured.
import { cpus, totalmem } from 'node:os';
import { CONTESTANTS } from './contestant.js';
import { CONNECTIONS, median, type Turn } from './load.js';
import type { Effort, Turns } from './measure.js';
import { CALM_RATE, type Crowd, type Delivery } from './notifications.js';
import type { ShapeResult } from './shapes.js';
import type { Start } from './startup.js';
import type { Workload } from './workloads.js';

export interface WorkloadResult {
  workload: Workload;
  /** SQL statements for one request, by label. */
  statements: Map<string, number>;
  turns: Turns;
}

export interface Results {
  effort: Effort;
  bookings: number;
  workloads: WorkloadResult[];
  /** Roost on all bookings ('large') and on few ('small'). */
  growth: WorkloadResult[];
  shapes?: ShapeResult[];
  delivery?: Delivery[];
  crowd?: Crowd[];
  starts?: Start[];
}

/** The least that Roost must reach: its requests/s over those of the floor, and of vanilla. */
const BARS: Readonly<Record<string, [number, number]>> = {
  W1: [0.9, 4],
  W2: [0.85, 12],
  W3: [0.85, 12],
  W4: [0.85, 4],
  W5: [0.85, 12],
  W6: [0.85, 4],
};

export function toMarkdown(results: Results, command: string): string {
  const { effort, bookings } = results;
  return [
    '# Benchmark',
    '',
    `Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0]?.model ?? 'unknown processor'}, ` +
      `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. ` +
      `Load, servers and PostgreSQL share the machine, so only ratios within this run mean anything.`,
    '',
    `${bookings.toLocaleString('en')} bookings; ${CONNECTIONS} connections with random ids; ${effort.rounds} rounds ` +
      `in which each contestant has a turn of ${effort.seconds} s; medians over the rounds, and of the rounds' ratios.`,
    '',
    ...summary(results),
    ...results.workloads.flatMap(workloadTable),
    ...growthTable(results),
    ...shapeTable(results),
    ...liveTables(results),
    ...startTable(results),
  ].join('\n');
}

/** The median over rounds of how much faster one is than another in the same round. */
export function ratio(turns: Turns, label: string, other: string): number {
  const own = turns.get(label) ?? [];
  const others = turns.get(other) ?? [];
  return median(
    own.map(({ requestsPerSecond }, round) => requestsPerSecond / (others[round]?.requestsPerSecond ?? NaN)),
  );
}

function summary({ workloads }: Results): string[] {
  const rows = workloads.flatMap(({ workload: { name }, turns }) => {
    const [floor, vanilla] = BARS[name] ?? [0, 0];
    const cell = (other: string, bar: number) =>
      turns.has(other) && turns.has('roost')
        ? `${twoDigits(ratio(turns, 'roost', other))} | ≥ ${bar}`
        : '– | –';
    return [`| ${name} | ${cell('floor', floor)} | ${cell('vanilla', vanilla)} |`];
  });
  return section(
    'Roost, by its requests/s',
    ['| | ÷ floor | bar | ÷ vanilla | bar |', '| --- | ---: | ---: | ---: | ---: |'],
    rows,
  );
}

function workloadTable({ workload: { name, title }, statements, turns }: WorkloadResult): string[] {
  const labels = CONTESTANTS.filter((label) => turns.has(label));
  const rows = labels.map((label) => {
    const own = turns.get(label) ?? [];
    const toFloor = turns.has('floor') ? twoDigits(ratio(turns, label, 'floor')) : '–';
    return `| ${label} | ${cells(own)} | ${statements.get(label)} | ${toFloor} |`;
  });
  return section(
    `${name}: ${title}`,
    [
      '| | requests/s | p50 ms | p99 ms | server CPU µs/request | memory MiB | SQL statements/request | ÷ floor |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ],
    rows,
  );
}

function cells(turns: readonly Turn[]): string {
  const of = (value: (turn: Turn) => number | null) => median(turns.map((turn) => value(turn) ?? Number.NaN));
  return [
    Math.round(of(({ requestsPerSecond }) => requestsPerSecond)),
    of(({ p50 }) => p50).toFixed(1),
    of(({ p99 }) => p99).toFixed(1),
    known(of(({ cpuMicros }) => cpuMicros)),
    known(of(({ memoryMiB }) => memoryMiB)),
  ].join(' | ');
}

function growthTable({ growth, bookings }: Results): string[] {
  const rows = growth.map(({ workload: { name }, statements, turns }) => {
    const p50s = (label: string) => (turns.get(label) ?? []).map(({ p50 }) => p50);
    const small = p50s('small');
    const change = median(p50s('large').map((p50, round) => p50 / (small[round] ?? Number.NaN)));
    const counts = `${statements.get('small')} | ${statements.get('large')}`;
    return `| ${name} | ${median(small).toFixed(1)} | ${median(p50s('large')).toFixed(1)} | ${twoDigits(change)} | ≤ 1.2 | ${counts} |`;
  });
  return section(
    `Growth: Roost with 10,000 bookings and with ${bookings.toLocaleString('en')}`,
    [
      '| | p50 ms, few | p50 ms, many | many ÷ few | bar | statements/request, few | many |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ],
    rows,
  );
}

function shapeTable({ shapes = [] }: Results): string[] {
  return section(
    'Shapes: Roost with 10,000 bookings, one client, what hangs on few rows and on many, by turns',
    [
      '| shape | request | p50 ms small | p50 ms large | large ÷ small |',
      '| --- | --- | ---: | ---: | ---: |',
    ],
    shapes.map(({ shape, request, small, large }) => {
      const change = median(large.map((p50, round) => p50 / (small[round] ?? Number.NaN)));
      return `| ${shape} | ${request} | ${twoDigits(median(small))} | ${twoDigits(median(large))} | ${twoDigits(change)} |`;
    }),
  );
}

function liveTables({ delivery = [], crowd = [] }: Results): string[] {
  return [
    ...section(
      'N1: notifications, 500 landlords connected, from the commit to the client’s receipt',
      [
        `| | bookings/s | p50 ms then | p99 ms then | p50 ms at ${CALM_RATE}/s | p99 ms at ${CALM_RATE}/s |`,
        '| --- | ---: | ---: | ---: | ---: | ---: |',
      ],
      delivery.map(
        ({ name, bookingsPerSecond, busy, calm }) =>
          `| ${liveName(name)} | ${Math.round(bookingsPerSecond)} | ${[busy.p50, busy.p99, calm.p50, calm.p99].map((ms) => ms.toFixed(1)).join(' | ')} |`,
      ),
    ),
    ...section(
      'N2: 10,000 idle sockets on one instance',
      [
        '| | KiB a socket, live | KiB, resident | push p50 ms | push p99 ms |',
        '| --- | ---: | ---: | ---: | ---: |',
      ],
      crowd.map(
        ({ name, kibPerSocket, push }) =>
          `| ${liveName(name)} | ${kibPerSocket.live.toFixed(1)} | ${kibPerSocket.resident.toFixed(1)} | ${push.p50.toFixed(1)} | ${push.p99.toFixed(1)} |`,
      ),
    ),
  ];
}

function liveName(name: string): string {
  return name === 'floor' ? 'bare Socket.IO emit' : name;
}

function startTable({ starts = [] }: Results): string[] {
  return section(
    'S1: start to ready',
    ['| | ms |', '| --- | ---: |'],
    starts.map(({ name, milliseconds }) => `| ${name} | ${Math.round(milliseconds)} |`),
  );
}

function section(title: string, head: string[], rows: string[]): string[] {
  return rows.length === 0 ? [] : [`## ${title}`, '', ...head, ...rows, ''];
}

function known(value: number): string {
  return Number.isNaN(value) ? '–' : String(Math.round(value));
}

function twoDigits(value: number): string {
  return value.toFixed(2);
}

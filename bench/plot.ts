// bench/results.svg: requests/s over those of the floor, one group of bars for each workload.
import { CONTESTANTS } from './contestant.js';
import { ratio, type Results } from './report.js';

const COLOURS = { floor: '#8b949e', roost: '#d9480f', mercurius: '#4c6ef5', vanilla: '#12b886' } as const;
const BAR = 22;
const GAP = 28;
const HEIGHT = 220;
const LEFT = 44;
const TOP = 52;

export function plot({ workloads }: Results): string {
  const shown = CONTESTANTS.filter((label) => workloads.some(({ turns }) => turns.has(label)));
  const all = workloads.map(({ workload, turns }) => ({
    name: workload.name,
    ratios: shown.map((label) => ({ label, value: ratio(turns, label, 'floor') })),
  }));
  const top = Math.max(1.2, ...all.flatMap(({ ratios }) => ratios.map(({ value }) => value))) * 1.05;
  const y = (value: number) => TOP + HEIGHT * (1 - value / top);
  const group = shown.length * BAR + GAP;
  const width = LEFT + all.length * group + GAP;
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (value) =>
      `<line x1="${LEFT}" x2="${width - GAP}" y1="${y(value)}" y2="${y(value)}" stroke="#d0d7de" stroke-width="${value === 1 ? 2 : 1}"/>` +
      `<text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const bars = all.flatMap(({ name, ratios }, index) => {
    const left = LEFT + GAP / 2 + index * group;
    return [
      ...ratios.map(({ label, value }, position) => {
        const x = left + position * BAR;
        return (
          `<rect x="${x}" y="${y(value)}" width="${BAR - 3}" height="${y(0) - y(value)}" fill="${COLOURS[label]}"/>` +
          `<text x="${x + (BAR - 3) / 2}" y="${y(value) - 4}" text-anchor="middle" font-size="9">${value.toFixed(2)}</text>`
        );
      }),
      `<text x="${left + (group - GAP) / 2}" y="${y(0) + 18}" text-anchor="middle">${name}</text>`,
    ];
  });
  const legend = shown.map(
    (label, index) =>
      `<rect x="${LEFT + index * 100}" y="28" width="12" height="12" fill="${COLOURS[label]}"/>` +
      `<text x="${LEFT + index * 100 + 17}" y="38">${label}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${TOP + HEIGHT + 32}" width="${width}" font-family="sans-serif" font-size="12" fill="#57606a">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="18" font-size="13">Requests per second, relative to hand-written SQL behind node:http</text>`,
    ...legend,
    ...lines,
    ...bars,
    '</svg>',
    '',
  ].join('\n');
}

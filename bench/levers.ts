// What each measure for speed gives: `--levers`, Roost as it is shipped against Roost without that one measure, in turns.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mustAgree } from './equality.js';
import { median, type Turn } from './load.js';
import { type Effort, type Entrant, measure, type Turns } from './measure.js';
import { ratio } from './report.js';
import { WORKLOADS } from './workloads.js';

/** A measure, and how it is taken out of the compiled code. */
interface Lever {
  name: string;
  workload: string;
  /** Below dist/src. */
  file: string;
  /** Must be there once. */
  find: string;
  replace: string;
}

interface LeverResult {
  lever: Lever;
  turns: Turns;
}

/** Below the project, so that node finds its packages and takes the files for modules. */
const FOLDER = '.roost/bench/levers';
const AGREE_ON = 20;

const KNOWN_DOCUMENTS = 'platform/projection/known-documents.js';
const DATABASE = 'platform/database/database.js';

export const LEVERS: readonly Lever[] = [
  {
    name: 'one statement for what a document asks for',
    workload: 'W2',
    file: KNOWN_DOCUMENTS,
    find: 'function compile(schema, document, operation) {',
    replace: 'function compile(schema, document, operation) { return null;',
  },
  {
    name: "known documents past Apollo's pipeline",
    workload: 'W1',
    file: KNOWN_DOCUMENTS,
    find: 'if (key.length > LONGEST || this.documents.has(key)) return;',
    replace: 'return;',
  },
  {
    name: 'reads together on shared connections',
    workload: 'W1',
    file: DATABASE,
    find: 'return await this.lines.query(prepared(text, values));',
    replace: 'return await this.query(text, values);',
  },
  {
    name: 'reads of one turn of the event loop in one packet',
    workload: 'W1',
    file: 'platform/database/read-lines.js',
    find: 'this.gather(line);',
    replace: '',
  },
  {
    name: 'what was gathered leaves as one buffer',
    workload: 'W1',
    file: 'platform/database/data-source.js',
    find: 'stream._writev = ',
    replace: 'stream.unused = ',
  },
  {
    name: 'statements kept prepared',
    workload: 'W1',
    file: DATABASE,
    find: 'return name === undefined ? {',
    replace: 'return true ? {',
  },
  {
    name: 'columns described once per connection',
    workload: 'W5',
    file: 'platform/database/batch.js',
    find: 'if (columns === undefined || columns === null) connection.describe(',
    replace: 'connection.describe(',
  },
  {
    name: "a transaction's statements in one batch",
    workload: 'W4',
    file: DATABASE,
    find: 'const answers = await runBatch(this.client, statements);',
    // One by one they are a transaction only between BEGIN and COMMIT.
    replace: `const alone = !this.begun && statements.length > 1;
      this.begun ||= alone;
      const answers = [];
      if (alone) await runBatch(this.client, [BEGIN]);
      for (const statement of statements) answers.push(...(await runBatch(this.client, [statement])));
      if (alone) await runBatch(this.client, [COMMIT]);`,
  },
  {
    name: 'general plans for writes',
    workload: 'W6',
    file: 'platform/database/data-source.js',
    find: 'options: GENERIC_PLANS,',
    replace: '',
  },
  {
    name: "a token's signature checked once",
    workload: 'W5',
    file: 'modules/auth/access-tokens.js',
    find: 'let bearer = this.verified.get(token);',
    replace: 'let bearer;',
  },
  {
    name: 'no logger of its own for each request',
    workload: 'W1',
    file: 'platform/http/server.js',
    find: 'childLoggerFactory: (parent)=>parent,',
    replace: '',
  },
];

/** Measures those on the wanted workloads. `enter` starts Roost from a folder of compiled code; left out, as it is shipped. */
export async function measureLevers(
  enter: (label: string, dist?: string) => Promise<Entrant>,
  wanted: readonly string[],
  effort: Effort,
  say: (sentence: string) => void,
): Promise<LeverResult[]> {
  rmSync(FOLDER, { recursive: true, force: true });
  const levers = LEVERS.filter(({ workload }) => wanted.includes(workload));
  // All of them before the first is measured: one that is not to be found must not end a long run.
  const folders = levers.map(withoutIt);
  const results: LeverResult[] = [];
  for (const [index, lever] of levers.entries()) {
    const workload = WORKLOADS.find(({ name }) => name === lever.workload);
    if (workload === undefined) throw new Error(`There is no workload ${lever.workload}.`);
    say(`Without: ${lever.name}.`);
    // Both fresh each time: a compiler that has seen other workloads would make them unlike.
    const entrants = [await enter('shipped'), await enter('without', folders[index])];
    const [{ data, pools }] = entrants as [Entrant, Entrant];
    const contestants = entrants.map(({ contestant }) => contestant);
    await mustAgree(contestants, workload, data, pools, AGREE_ON);
    results.push({ lever, turns: await measure(entrants, workload, effort, say) });
    for (const contestant of contestants) await contestant.stop();
  }
  return results;
}

export function leversTable(results: readonly LeverResult[]): string {
  return [
    '| lever | workload | requests/s shipped ÷ without | server CPU µs a request, shipped | without |',
    '| --- | --- | ---: | ---: | ---: |',
    ...results.map(({ lever: { name, workload }, turns }) => {
      const faster = ratio(turns, 'shipped', 'without').toFixed(2);
      return `| ${name} | ${workload} | ${faster} | ${cpu(turns.get('shipped'))} | ${cpu(turns.get('without'))} |`;
    }),
  ].join('\n');
}

/** Makes a copy of the compiled code without the measure; answers its folder. */
function withoutIt(lever: Lever, index: number): string {
  const code = codeWithout(lever);
  const dist = `${FOLDER}/${index + 1}/dist`;
  cpSync('dist', dist, { recursive: true });
  writeFileSync(`${dist}/src/${lever.file}`, code);
  return dist;
}

/** The lever's file without the measure. @throws Error where the measure is not where it was */
export function codeWithout({ name, file, find, replace }: Lever): string {
  const parts = readFileSync(`dist/src/${file}`, 'utf8').split(find);
  if (parts.length !== 2) {
    throw new Error(
      `The lever "${name}" must find its text once in the compiled ${file}, and finds it ${parts.length - 1} times.`,
    );
  }
  return parts.join(replace);
}

function cpu(turns: readonly Turn[] = []): string {
  const micros = median(turns.map(({ cpuMicros }) => cpuMicros ?? Number.NaN));
  return Number.isNaN(micros) ? '–' : micros.toFixed(0);
}

// Statements that go to PostgreSQL in one write and are answered together. It runs them in their order, up to the first
// that fails; outside BEGIN and COMMIT they are a transaction of their own ("Pipelining" in PostgreSQL's description of
// the extended query protocol). node-postgres by itself sends single statements, each with a description of its columns;
// here columns are described once per connection.
import pg from 'pg';
import utils from 'pg/lib/utils.js';
import { parserOf, type TypeId } from './parsers.js';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Keeps it prepared under this name; without one it is parsed each time. */
  readonly name?: string;
}

/** What one statement gave. */
export interface Answer {
  readonly rows: object[];
  /** What PostgreSQL says it did: `INSERT 0 1`. */
  readonly tag: string;
}

/** @throws Error what PostgreSQL, or the way there, says of the first statement that failed: none took effect then */
export function runBatch(client: pg.ClientBase, statements: readonly Statement[]): Promise<Answer[]> {
  return new Promise<Answer[]>((resolve, reject) => {
    client.query(new Batch(statements, resolve, reject));
  }).catch((error: unknown) => {
    // Where it was called from says more than where the bytes came in.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  });
}

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** Columns of each statement that a connection keeps prepared; null while its first use is under way. */
type Prepared = Map<string, readonly Column[] | null>;

const preparedOn = new WeakMap<pg.Connection, Prepared>();

/** A query to node-postgres' client, which calls the handle… methods as messages come in. */
class Batch extends pg.Query {
  private readonly parameters: (string | Buffer | null)[][];
  private readonly answers: Answer[] = [];
  /** Of each statement; known beforehand where it is prepared, else described by PostgreSQL. */
  private readonly columns: (readonly Column[])[] = [];
  /** Names that this batch prepares. */
  private readonly fresh = new Set<string>();
  private prepared: Prepared = new Map();
  private found: object[] = [];
  private fault: Error | null = null;

  constructor(
    readonly statements: readonly Statement[],
    private readonly resolve: (answers: Answer[]) => void,
    private readonly reject: (error: Error) => void,
  ) {
    super('');
    // All of them before the first is sent: what cannot be written must not leave others on their way.
    this.parameters = statements.map(({ values }) => values.map(utils.prepareValue));
  }

  override submit = (connection: pg.Connection): void => {
    const known = preparedOn.get(connection);
    if (known !== undefined) this.prepared = known;
    else preparedOn.set(connection, this.prepared);
    connection.stream.cork();
    this.statements.forEach((statement, index) => {
      this.send(connection, statement, index);
    });
    connection.sync();
    connection.stream.uncork();
  };

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: TypeId }[] }): void {
    this.columns[this.answers.length] = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: parserOf(dataTypeID),
    }));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    try {
      this.found.push(rowOf(this.columns[this.answers.length] ?? [], fields));
    } catch (error) {
      this.fault ??= error as Error;
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const index = this.answers.length;
    const { name } = this.statements[index] as Statement;
    if (name !== undefined && this.fresh.delete(name)) this.prepared.set(name, this.columns[index] ?? []);
    this.answers.push({ rows: this.found, tag: text });
    this.found = [];
  }

  /** From PostgreSQL, or because the connection is gone; nothing else is called after it. */
  handleError(error: Error): void {
    for (const name of this.fresh) this.prepared.delete(name);
    this.reject(error);
  }

  /** Only now it is certain that all of it took effect. */
  handleReadyForQuery(): void {
    if (this.fault === null) this.resolve(this.answers);
    else this.reject(this.fault);
  }

  private send(connection: pg.Connection, { name, text }: Statement, index: number): void {
    const columns = name === undefined ? undefined : this.prepared.get(name);
    // What another batch is just preparing may yet fail.
    const statement = columns === null || name === undefined ? '' : name;
    if (columns === undefined && name !== undefined) {
      this.prepared.set(name, null);
      this.fresh.add(name);
      // It may be there, of a batch that failed behind it.
      connection.close({ type: 'S', name }, true);
    }
    if (columns === undefined || columns === null)
      connection.parse({ name: statement, text, types: [] }, true);
    else this.columns[index] = columns;
    const values = this.parameters[index] as (string | Buffer | null)[];
    connection.bind({ statement, values }, true);
    if (columns === undefined || columns === null) connection.describe({ type: 'P', name: '' }, true);
    connection.execute(null, true);
  }
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): object {
  const row: Record<string, unknown> = {};
  for (const [index, { name, parse }] of columns.entries()) {
    const field = fields[index] ?? null;
    row[name] = field === null ? null : parse(field);
  }
  return row;
}

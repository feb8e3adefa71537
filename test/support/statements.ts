// The SQL that the application in this process sends, as it goes by.
import pg from 'pg';

export interface Statement {
  text: string;
  values: readonly unknown[];
}

/** Arguments of the driver's query(): a statement of the driver's own, or a batch of ours. */
type Sent = [string | { statements: readonly Statement[] }];

/** Runs `work` and answers the statements that were sent meanwhile by connections of the application. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const seen: Statement[] = [];
  const watch = jest.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    for (const [config] of watch.mock.calls as unknown as Sent[])
      seen.push(...(typeof config === 'string' ? [{ text: config, values: [] }] : config.statements));
  } finally {
    watch.mockRestore();
  }
  // What runs by itself now and then is not part of the work.
  return seen.filter(
    ({ text }) =>
      !/revoked_at > now|FROM inbox WHERE recipient_id = ANY|RECURSIVE waiting|clock_timestamp/.test(text),
  );
}

// The benchmark compares like with like: on a small data set every contestant gives the same answers and leaves the
// same rows behind, and whoever does not is found out.
import { randomBytes } from 'node:crypto';
import { buildContestants, Contestant, CONTESTANTS } from '../../bench/contestant.js';
import { type DataSet, sizeOf } from '../../bench/data.js';
import { mustAgree } from '../../bench/equality.js';
import { codeWithout, LEVERS } from '../../bench/levers.js';
import { mustBeGood } from '../../bench/load.js';
import { Pools, type Workload, WORKLOADS } from '../../bench/workloads.js';
import { fill } from '../support/fill.js';
import { cloneDatabase, services, uniqueName } from '../support/services.js';

const REQUESTS = 5;

describe('the contestants of the benchmark', () => {
  const contestants: Contestant[] = [];
  let data: DataSet;
  let pools: Pools;

  beforeAll(async () => {
    const url = await cloneDatabase();
    const size = sizeOf(4000, 500);
    const secret = randomBytes(32).toString('base64url');
    await Promise.all([buildContestants(), fill(url, size)]);
    data = { url, size, loadedAt: new Date() };
    pools = new Pools(data, secret);
    const settings = { databaseUrl: url, redisUrl: services().redisUrl, secret };
    const more = { REDIS_PREFIX: uniqueName() };
    for (const name of CONTESTANTS) contestants.push(await Contestant.start(name, { ...settings, more }));
  }, 60_000);

  afterAll(() => Promise.all(contestants.map((contestant) => contestant.stop())));

  it.each(WORKLOADS.map((workload) => [workload.name, workload] as const))(
    'do the same in %s',
    async (_, workload) => {
      await mustAgree(contestants, workload, data, pools, REQUESTS);
    },
  );

  it('are told apart where one answers something else', async () => {
    const [page, search] = ['W1', 'W2'].map((name) => WORKLOADS.find((workload) => workload.name === name));
    // The floor is asked for one thing, the others for another.
    const steps = [{ ...page?.steps[0], path: search?.steps[0]?.path }];
    const crooked = { ...page, steps } as Workload;
    await expect(mustAgree(contestants, crooked, data, pools, 1)).rejects.toThrow(/do not do the same in W1/);
  });

  it('are told apart where one leaves other rows behind', async () => {
    const booking = WORKLOADS.find(({ name }) => name === 'W4') as Workload;
    const crooked: Workload = {
      ...booking,
      draw: (from) => {
        const draw = booking.draw(from);
        return { ...draw, token: pools.tenant(), plain: { ...draw.plain, placeId: pools.place() } };
      },
    };
    await expect(mustAgree(contestants, crooked, data, pools, 1)).rejects.toThrow(/do not do the same in W4/);
  });

  it('get no credit for refusals', () => {
    const [floor, roost] = contestants as [Contestant, Contestant];
    const [workload] = WORKLOADS as [Workload];
    const answer = (status: string, more = '') =>
      `{"data":{"getPlace":{"status":"${status}","data":{}}}${more}}`;
    const check = (contestant: Contestant, httpStatus: number, text: string) => () => {
      mustBeGood(contestant, workload, httpStatus, text);
    };
    expect(check(roost, 200, answer('OK'))).not.toThrow();
    expect(check(floor, 200, '{"id":"1"}')).not.toThrow();
    expect(check(roost, 200, answer('NOT_FOUND'))).toThrow(/roost answered W1 with 200/);
    expect(check(roost, 200, answer('OK', ',"errors":[]'))).toThrow();
    expect(check(roost, 500, answer('OK'))).toThrow();
    expect(check(floor, 200, 'null')).toThrow();
    expect(check(floor, 404, '')).toThrow();
  });
});

describe('each lever of the benchmark', () => {
  it.each(LEVERS.map((lever) => [lever.name, lever] as const))('is where it was: %s', (_, lever) => {
    expect(() => codeWithout(lever)).not.toThrow();
    expect(() => codeWithout({ ...lever, find: `${lever.find} not` })).toThrow(/finds it 0 times/);
  });
});

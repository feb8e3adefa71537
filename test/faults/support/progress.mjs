// Tells of each scenario as soon as it is over; Jest's own reporter waits for the whole file.
export default class Progress {
  onTestCaseStart(_, { fullName }) {
    console.error(`· ${fullName}`);
  }

  onTestCaseResult(_, { fullName, status, duration }) {
    const sign = status === 'passed' ? '✓' : '✗';
    console.error(`${sign} ${fullName} (${Math.round((duration ?? 0) / 100) / 10} s)`);
  }
}

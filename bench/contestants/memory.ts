// Loaded ahead of a server with --expose-gc: collects its garbage when asked, and says what memory is left.
const collect = globalThis.gc;

process.on('message', (word) => {
  if (word !== 'memory') return;
  collect?.();
  collect?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ resident: rss, live: heapUsed + external });
});

// What the runner calls after the job. Nothing else would tell that call from the first: a step that is
// cancelled before it has kept anything for its post would be made then.
process.argv[2] = 'post'
// Most steps have nothing to do after the job: reading the bundle would cost them a quarter of a second.
if (process.env.INPUT_LIFETIME?.trim()) await import('./dist/index.js')

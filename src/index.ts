import { afterJob } from './after-job.ts'
import { main } from './main.ts'

// The runner calls post.mjs after the job, which says so.
await (process.argv[2] === 'post' ? afterJob(process) : main(process))

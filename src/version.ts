import manifest from '../package.json' with { type: 'json' }

/** As in package.json; seen by Materialize in the session’s name. */
export const VERSION: string = manifest.version

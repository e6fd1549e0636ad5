// What page and server say to each other, and what the steps share, as types.

/** @typedef {{start: number, seconds: number}} Pause */
/** @typedef {{text: string, at_seconds: number}} Filler */
/** @typedef {{text: string, at_seconds: number|null}} KeyPoint */
/** @typedef {{text: string, start: number, end: number}} Sentence */

/**
 * @typedef {object} Score
 * @property {string} metric
 * @property {string} label the plain word for the metric
 * @property {string} [observed] what is really observed, in a few words
 * @property {number|null} value 1 to 10; null when it was not assessed
 * @property {string|null} reason why it was not
 * @property {string} evidence
 * @property {number|null} at_seconds
 */

/**
 * @typedef {object} Delivery
 * @property {number} words
 * @property {number|null} words_per_minute
 * @property {Pause[]} pauses
 * @property {number|null} longest_pause_seconds
 * @property {number|null} talk_ratio
 * @property {Filler[]} fillers
 * @property {boolean} fillers_counted
 * @property {number|null} pitch_variation_semitones
 * @property {number} span_seconds
 * @property {string[]} lines the same in sentences
 */

/**
 * @typedef {object} Result
 * @property {string} question
 * @property {number|null} overall
 * @property {string} strength
 * @property {string} next_step
 * @property {Score[]} scores
 * @property {KeyPoint[]} key_points
 * @property {Delivery|null} delivery
 * @property {Sentence[]} transcript
 * @property {string[]} notes
 * @property {number} duration_seconds
 * @property {string} footer
 */

/**
 * @typedef {object} Snapshot
 * @property {string} state
 * @property {string} stage
 * @property {boolean} ended
 * @property {number} elapsed_seconds
 * @property {string|null} failure
 * @property {Result|null} result
 */

/**
 * @typedef {object} Session
 * @property {string} question
 * @property {number} prepare_seconds
 * @property {number} answer_seconds
 * @property {number} shortest_seconds
 * @property {number} longest_seconds
 * @property {number} max_bytes
 * @property {string} expires_at
 * @property {number} seconds_left
 * @property {boolean} shared
 * @property {"local"|"twelvelabs"} engine
 * @property {"open"|"uploading"|"submitted"} state
 * @property {number|null} received_bytes
 * @property {Snapshot|null} attempt
 * @property {number} retention_days
 * @property {string|null} place
 */

/**
 * A recording as the page has it.
 * @typedef {object} Recording
 * @property {Blob} blob
 * @property {string} type
 * @property {number} seconds
 * @property {"camera"|"file"} from
 * @property {boolean} begun whether the server was told to expect this very recording
 * @property {boolean} sent whether it was submitted
 * @property {boolean} stored whether this browser keeps it if the page is closed
 */

/**
 * What every step is given.
 * @typedef {object} Studio
 * @property {import("./api.js").Api} api
 * @property {import("./recording/recording_store.js").RecordingStore} store
 * @property {import("./recording/devices.js").Devices} devices
 * @property {Session} session
 * @property {Recording|null} recording
 * @property {{prepareSeconds: number, answerSeconds: number, shared: boolean}} options
 * @property {(step: string, detail?: any) => void} go
 * @property {(text: string) => void} announce speaks to screen readers
 * @property {() => void} acquireTabLock makes this the one tab that records and sends with the link
 */

/**
 * What a step gives back.
 * @typedef {object} StepView
 * @property {string} heading
 * @property {(Node|string|null)[]} content
 * @property {boolean} [wide]
 * @property {() => void} [leave] called when the step is left
 */

export {};

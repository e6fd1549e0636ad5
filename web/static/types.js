// What page and server say to each other, and what the steps share, as types.

/** @typedef {{start: number, seconds: number}} Pause */
/** @typedef {{text: string, at_seconds: number}} Filler */
/** @typedef {{text: string, at_seconds: number|null}} KeyPoint */
/** @typedef {{text: string, start: number, end: number, fillers?: [number, number][]}} Sentence */
/** @typedef {{name: string, label: string, at_seconds: number|null}} Part */
/** @typedef {{start: number, end: number, value: number}} Stretch */
/** @typedef {{kind: string, text: string, figure: string, at_seconds: number, seconds: number}} Remark */
/** @typedef {{title: string, values: (number|null)[], words: string}} Line */

/**
 * @typedef {object} Score
 * @property {string} metric
 * @property {string} label the plain word for the metric
 * @property {string} [observed] what is really observed, in a few words
 * @property {number|null} value 1 to 10; null when it was not assessed
 * @property {string} [range] by how much repeats differ, in words
 * @property {string|null} reason why it was not
 * @property {string} evidence
 * @property {number|null} at_seconds
 * @property {boolean} [left_out] the engine in use does not look at it: `not_looked_at` says so
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
 * @property {Remark[]} [remarks] what stands out, each with its moment
 */

/**
 * @typedef {object} Result
 * @property {string} question
 * @property {number|null} overall
 * @property {string} strength
 * @property {string} next_step
 * @property {Score[]} scores
 * @property {number|null} [strength_at]
 * @property {number|null} [next_step_at]
 * @property {string} [not_looked_at]
 * @property {KeyPoint[]} key_points
 * @property {string[]} [not_heard]
 * @property {Part[]} [parts]
 * @property {string} [structure]
 * @property {{quote: string, at_seconds: number|null, better: string}|null} [better]
 * @property {string} [follow_up]
 * @property {{lines: string[], away: Stretch[]}|null} [picture]
 * @property {string[]} [changes] since the last attempt at this question
 * @property {Line|null} [line] one measure over the last attempts, this one last
 * @property {Delivery|null} delivery
 * @property {Sentence[]} transcript
 * @property {string[]} notes
 * @property {number} duration_seconds
 * @property {string} footer
 */

/**
 * @typedef {object} Snapshot
 * @property {string} id the attempt's
 * @property {string} state
 * @property {string} stage
 * @property {boolean} ended
 * @property {number} elapsed_seconds
 * @property {string|null} failure
 * @property {Result|null} result
 * @property {string} [in_line] why it waits; the time it goes on at follows
 * @property {string|null} [goes_on_at]
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
 * @property {string|null} judge_host
 * @property {"open"|"uploading"|"submitted"} state
 * @property {number|null} received_bytes
 * @property {Snapshot|null} attempt
 * @property {number} retention_days
 * @property {string|null} place
 * @property {boolean} [looks_only] this link only shows a result
 */

/**
 * One question of an interview.
 * @typedef {object} Question
 * @property {number} position
 * @property {string} label "Question 2 of 4"
 * @property {string|null} text null until its turn
 * @property {boolean} follow_up
 * @property {boolean} by_judge worded by the judge from what the interview is about
 * @property {"unanswered"|"under_way"|"assessed"|"came_to_nothing"|"left_out"} standing
 * @property {string|null} attempt_id
 * @property {string|null} stage of an answer that is being assessed
 * @property {string|null} failure why the latest answer came to nothing
 */

/**
 * How far an interview is.
 * @typedef {object} InterviewState
 * @property {"interview"} kind
 * @property {string} id
 * @property {"open"|"finished"|"stopped"} state
 * @property {Question[]} questions
 * @property {number|null} next_position
 * @property {boolean} waits a result may lead to a follow-up question
 * @property {boolean} under_way
 * @property {boolean} complete
 * @property {boolean} over its time is over
 * @property {number} seconds_left
 * @property {number} answers_left
 * @property {string|null} refused why no answer can be sent in
 */

/** @typedef {{text: string, label: string, attempt_id: string|null, at_seconds: number|null}} ReportMoment */
/** @typedef {{title: string, unit: string, decimals: number, is_score: boolean, values: (number|null)[], words: string}} Series */
/** @typedef {{position: number, label: string, question: string, words: string, attempt_id: string|null, result: Result|null}} ReportedAnswer */

/**
 * What an interview has shown.
 * @typedef {object} Report
 * @property {string} partial
 * @property {number} asked
 * @property {number} assessed
 * @property {string[]} patterns
 * @property {ReportMoment|null} best
 * @property {ReportMoment[]} to_do
 * @property {string[]} columns
 * @property {Series[]} series
 * @property {ReportedAnswer[]} answers
 * @property {string} footer
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
 * @property {number} [muted] for how many seconds the microphone gave no sound at all
 * @property {number} [spoken] about how many seconds of it have speech; left out: not known
 */

/**
 * What every step is given.
 * @typedef {object} Studio
 * @property {import("./api.js").Api} api
 * @property {import("./recording/recording_store.js").RecordingStore} store
 * @property {import("./recording/devices.js").Devices} devices
 * @property {Session} session
 * @property {import("./interview/interview.js").Interview|null} interview null: the link is for one answer
 * @property {Recording|null} recording
 * @property {{prepareSeconds: number, answerSeconds: number, shared: boolean}} options
 * @property {(step: string, detail?: any) => void} go
 * @property {(text: string) => void} announce speaks to screen readers
 * @property {() => Promise<boolean>} acquireTabLock makes this the one tab that records and sends with the link
 * @property {() => void} releaseTabLock lets another tab do so
 * @property {(token: string) => Promise<void>} useLink goes on with another link
 * @property {(state: InterviewState) => Promise<void>} openInterview begins to lead through an interview
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

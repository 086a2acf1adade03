/** What the primary tells its workers to do, and what a worker asks as it starts. */
export const CONTROL_TOPICS = { drain: 'drain', reload: 'reload', settings: 'settings' } as const;

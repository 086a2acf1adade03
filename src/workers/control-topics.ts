/** What the primary tells its workers to do. */
export const CONTROL_TOPICS = { drain: 'drain', reload: 'reload' } as const;

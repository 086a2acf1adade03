/** One line of a metric: its labels and its value now. Counted and set by hand, read at the scrape. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

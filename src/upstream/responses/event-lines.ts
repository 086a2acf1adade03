/** The events of one stream, counted: each names its type twice and bears its number. */
export class EventLines {
  private next = 0;

  /** `members`: JSON, as within an object. */
  line(type: string, members: string): string {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.next++},${members}}\n\n`;
  }
}

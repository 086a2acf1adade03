import type { Findings } from './findings.js';
import type { Place } from './place.js';
import type { YamlPlaces } from './yaml-places.js';

/** What reading a YAML file brought to light, each at its offset. */
export class YamlFindings {
  /** Settings of which a part was refused. */
  readonly doubtful = new Set<string>();

  constructor(
    private readonly findings: Findings,
    /** What names the file, and its name. */
    private readonly file: { readonly place: Place; readonly name: string },
    readonly places: YamlPlaces | undefined = undefined,
  ) {}

  /** Of the file as a whole. */
  refuseFile(reason: string, fix: string, offset?: number): void {
    const { place, name } = this.file;
    const position = offset === undefined ? undefined : this.places?.position(offset);
    this.findings.mistake(position === undefined ? place : place.seenAt(position), JSON.stringify(name), reason, fix);
  }

  /** Of what begins at an offset. Tells its place; undefined: it has none, and the file was told as a whole. */
  refuse(offset: number, found: string, reason: string, fix: string): Place | undefined {
    const place = this.places?.placeAt(offset);
    if (place === undefined || this.places === undefined) this.refuseFile(reason, fix, offset);
    else this.findings.mistake(place.seenAt(this.places.position(offset)), found, reason, fix);
    return place;
  }

  settle(place: Place): void {
    this.findings.settle(place);
  }
}

import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { Principal } from '../contracts/principal.js';
import { type Course, courseOf } from './course.js';

/** The courses of one settings object, each worked out when first asked for. Remembers configured names alone: clients invent others without end. */
export class RoutingTable {
  private readonly open = new Map<string, Course>();
  private readonly restricted = new WeakMap<ReadonlySet<string>, Map<string, Course>>();

  constructor(private readonly settings: GatewaySettings) {}

  find(model: string, allowed: Principal['allowedModels']): Course | undefined {
    const courses = allowed === undefined ? this.open : this.of(allowed);
    const known = courses.get(model);
    if (known !== undefined) return known;
    const course = courseOf(model, allowed, this.settings);
    const { routes, upstreams } = this.settings.routing;
    if (course !== undefined && (routes.has(model) || upstreams.has(model))) courses.set(model, course);
    return course;
  }

  private of(allowed: ReadonlySet<string>): Map<string, Course> {
    let courses = this.restricted.get(allowed);
    if (courses === undefined) this.restricted.set(allowed, (courses = new Map()));
    return courses;
  }
}

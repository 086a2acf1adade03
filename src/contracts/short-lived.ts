/**
 * The function as it is, for a property of something that lives as long as one call. V8 takes a function that is written right where a
 * property is assigned (a field of a class is, once compiled) for a part of the program, and makes it among what lives long: with all that
 * it refers to, a call's whole memory, it would be kept until the next full collection.
 */
export function shortLived<F extends (...args: never[]) => unknown>(listener: F): F {
  return listener;
}

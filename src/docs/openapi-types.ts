import type { OpenAPIObject } from '@nestjs/swagger';

/** Parts of an OpenAPI document by the names of the specification; the package exports only the whole. */
export type Components = NonNullable<OpenAPIObject['components']>;
export type Schemas = NonNullable<Components['schemas']>;
export type Schema = Schemas[string];
export type Responses = NonNullable<Components['responses']>;
export type Headers = NonNullable<Components['headers']>;
export type Paths = OpenAPIObject['paths'];
export type Operation = NonNullable<Paths[string]['post']>;

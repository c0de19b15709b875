import { Reflector } from '@nestjs/core';

/** The roles of which a caller needs one. */
export const Roles = Reflector.createDecorator<string[]>();

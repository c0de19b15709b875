import { RequestMethod, VERSION_NEUTRAL, VersioningType, type Type } from '@nestjs/common';
import type { ApplicationConfig, ModulesContainer, ModuleRef } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { applicationConfigOf } from '../execution/application-config.js';

/** Nest's keys for the prefix that `RouterModule` gives a module, and for the version of a controller. */
const MODULE_PATH = '__module_path__';
const VERSION_METADATA = '__version__';

/** Route at which the application serves the endpoint of one server: the single source of that path. */
export class McpRoute {
  #settled: Matched | undefined;

  constructor(
    private readonly path: string,
    private readonly controller: Type,
    private readonly moduleRef: ModuleRef,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * Fixes the path once the application has set prefix and versions. To be called before routes are registered, as the
   * controller may need a version: clients of MCP know nothing of an application's own, save that it is part of a URL.
   */
  settle(): void {
    const versioning = this.#config.getVersioning();
    if (versioning && versioning.type !== VersioningType.URI) {
      Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, this.controller);
    }
    this.#settled = toMatched(this.#create());
  }

  /** Every path of the route, with the prefixes of application and module and the versions. */
  get paths(): readonly string[] {
    return this.#known.paths;
  }

  /** Checks whether a requested path is one of the route's; `:parameters` match any segment. */
  matches(path: string): boolean {
    return this.#known.matches(path);
  }

  /**
   * Checks whether a requested path is one of the route's to the letter. Whatever else a platform may take for the same
   * path is left to it.
   */
  matchesExactly(path: string): boolean {
    return this.#known.matchesExactly(path);
  }

  get #config(): ApplicationConfig {
    return applicationConfigOf(this.moduleRef);
  }

  /** Routes of plugins may be registered, and asked about, before the application has set its prefix. */
  get #known(): Matched {
    return this.#settled ?? toMatched(this.#create());
  }

  #create(): readonly string[] {
    const config = this.#config;
    const versioningOptions = config.getVersioning();
    const controllerVersion =
      versioningOptions?.type === VersioningType.URI ? versioningOptions.defaultVersion : undefined;
    const modulePath = this.#modulePath();
    return new RoutePathFactory(config).create(
      {
        ctrlPath: this.path,
        methodPath: '/',
        globalPrefix: config.getGlobalPrefix(),
        ...(modulePath !== undefined && { modulePath }),
        ...(versioningOptions && { versioningOptions }),
        ...(controllerVersion !== undefined && { controllerVersion }),
      },
      // The route is one for all methods, so that an exclusion from the prefix for one of them alone is none.
      RequestMethod.ALL,
    );
  }

  /** The prefix that `RouterModule` has given the module of the controller. */
  #modulePath(): string | undefined {
    const host = [...this.modules.values()].find(({ controllers }) => controllers.has(this.controller));
    if (!host) return undefined;
    const read = (key: string): unknown => Reflect.getMetadata(key, host.metatype);
    const path = read(MODULE_PATH + this.modules.applicationId) ?? read(MODULE_PATH);
    return typeof path === 'string' ? path : undefined;
  }
}

interface Matched {
  readonly paths: readonly string[];
  readonly matches: (path: string) => boolean;
  readonly matchesExactly: (path: string) => boolean;
}

function toMatched(paths: readonly string[]): Matched {
  return { paths, matches: pathMatcher(paths), matchesExactly: exactPathMatcher(paths) };
}

/** Checks whether a requested path is one of the route's; `:parameters` match any segment. */
export function pathMatcher(paths: readonly string[]): (path: string) => boolean {
  const patterns = paths.map(normalize);
  return (path) => {
    const segments = normalize(path);
    return patterns.some(
      (pattern) =>
        pattern.length === segments.length &&
        pattern.every((part, index) => part.startsWith(':') || part === segments[index]),
    );
  };
}

function exactPathMatcher(paths: readonly string[]): (path: string) => boolean {
  const patterns = paths.map((path) => {
    const segments = path.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : escape(part)));
    return segments.join('/');
  });
  const pattern = new RegExp(`^(?:${patterns.join('|')})$`);
  return (path) => pattern.test(path);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function normalize(path: string): string[] {
  return path.toLowerCase().split('/').filter(Boolean);
}

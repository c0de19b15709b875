import { RequestMethod } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { applicationConfigOf } from '../execution/application-config.js';

/** Every path a controller at `path` is served at, with global prefix and version as the application sets them. */
export function routePaths(path: string, moduleRef: ModuleRef): readonly string[] {
  const applicationConfig = applicationConfigOf(moduleRef);
  const versioningOptions = applicationConfig.getVersioning();
  const controllerVersion = versioningOptions?.defaultVersion;
  return new RoutePathFactory(applicationConfig).create(
    {
      ctrlPath: path,
      methodPath: '/',
      globalPrefix: applicationConfig.getGlobalPrefix(),
      ...(versioningOptions && { versioningOptions }),
      ...(controllerVersion !== undefined && { controllerVersion }),
    },
    RequestMethod.POST,
  );
}

/** Tells whether a requested path is one of the route's; `:parameters` match any segment. */
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

/**
 * Tells whether a requested path is one of the route's to the letter. Whatever else a platform may take for the same path is
 * left to it.
 */
export function exactPathMatcher(paths: readonly string[]): (path: string) => boolean {
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

/** In a module of its own, imported first: bundlers run CommonJS where it is imported, after all ES modules that are. */
import 'reflect-metadata';

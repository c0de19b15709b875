import { Injectable } from '@nestjs/common';
import { McpCompletion, McpResource } from 'nestjs-mcp-adapters';
import { ReadRecipeDto } from './read-recipe.dto.js';
import { RecipesService } from './recipes.service.js';

/** A picture of one orange pixel. */
const COVER = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

@Injectable()
export class RecipesResources {
  constructor(private readonly recipes: RecipesService) {}

  /** Any object is sent as its JSON. */
  @McpResource({
    uri: 'recipes://index',
    name: 'index',
    title: 'All recipes',
    description: 'Ids and titles of all recipes',
    annotations: { audience: ['assistant'], priority: 0.8 },
  })
  index() {
    return this.recipes.all().map(({ id, title, diet }) => ({ id, title, diet }));
  }

  /** Bytes are sent as base64. */
  @McpResource({ uri: 'recipes://cover', name: 'cover', mimeType: 'image/png', size: COVER.length })
  cover() {
    return COVER;
  }

  /** A family of resources. Nothing in return means that there is no such recipe, and the client is told so. */
  @McpResource({
    uriTemplate: 'recipes://recipe/{id}{?servings}',
    name: 'recipe',
    title: 'A recipe',
    description: 'Ingredients and steps for so many servings (2 if not said)',
    mimeType: 'text/markdown',
  })
  recipe({ id, servings }: ReadRecipeDto) {
    const recipe = this.recipes.find(id);
    return recipe && this.recipes.toMarkdown(recipe, servings);
  }

  /** Several contents in one answer, each with a URI of its own. */
  @McpResource({ uri: 'recipes://book', name: 'book', title: 'The whole book', mimeType: 'text/markdown' })
  book() {
    return this.recipes.all().map((recipe) => ({
      uri: `recipes://recipe/${recipe.id}`,
      text: this.recipes.toMarkdown(recipe, 2),
    }));
  }

  @McpCompletion({ uriTemplate: 'recipes://recipe/{id}{?servings}', argument: 'id' })
  completeId(value: string) {
    const ids = this.recipes.all().map(({ id }) => id);
    return ids.filter((id) => id.includes(value.toLowerCase()));
  }
}

import { Injectable, NotFoundException } from '@nestjs/common';
import { McpCompletion, McpPrompt, type McpContext } from 'nestjs-mcp-adapters';
import { PlanMenuDto } from './plan-menu.dto.js';
import { DIETS, RecipesService, type Diet } from './recipes.service.js';

@Injectable()
export class RecipesPrompts {
  constructor(private readonly recipes: RecipesService) {}

  /** The arguments come from the DTO; text in return is one message of the user. */
  @McpPrompt({
    name: 'plan_menu',
    title: 'Plan a menu',
    description: 'Asks for a menu made of the recipes in the box',
    complete: { diet: (value) => DIETS.filter((diet) => diet.startsWith(value)) },
  })
  planMenu({ days, diet }: PlanMenuDto) {
    const titles = this.recipes.all(diet).map(({ title }) => title);
    return `Plan dinners for ${days} ${days === 1 ? 'day' : 'days'} from these recipes: ${titles.join(', ')}.`;
  }

  /** A list is enough where there is nothing to check. The recipe travels along as an embedded resource. */
  @McpPrompt({
    name: 'cook',
    title: 'Cook with me',
    description: 'Goes through a recipe step by step',
    arguments: [
      { name: 'diet', description: 'Only suggest recipes that fit' },
      { name: 'id', description: 'Id of the recipe', required: true },
    ],
  })
  cook({ id }: { id: string }) {
    const recipe = this.recipes.find(id);
    if (!recipe) throw new NotFoundException(`There is no recipe "${id}"`);
    const resource = {
      uri: `recipes://recipe/${id}`,
      mimeType: 'text/markdown',
      text: this.recipes.toMarkdown(recipe, 2),
    };
    return [
      { role: 'user', content: { type: 'resource', resource } },
      { role: 'user', content: { type: 'text', text: 'Go through this with me, one step at a time.' } },
      { role: 'assistant', content: { type: 'text', text: 'Gladly. Tell me when you are ready.' } },
    ];
  }

  /** `given` holds the arguments that have their values already. */
  @McpCompletion({ prompt: 'cook', argument: 'id' })
  completeId(value: string, _ctx: McpContext, given: { diet?: Diet }) {
    const ids = this.recipes.all(given.diet).map(({ id }) => id);
    return ids.filter((id) => id.includes(value.toLowerCase()));
  }
}

import { Injectable } from '@nestjs/common';

export const DIETS = ['any', 'vegan', 'vegetarian'] as const;
export type Diet = (typeof DIETS)[number];

export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly diet: Diet;
  /** Grams for one person, by ingredient. */
  readonly ingredients: Readonly<Record<string, number>>;
  readonly steps: readonly string[];
}

const RECIPES: readonly Recipe[] = [
  {
    id: 'lentil-soup',
    title: 'Lentil soup',
    diet: 'vegan',
    ingredients: { lentils: 80, carrot: 50, onion: 40 },
    steps: ['Chop the vegetables.', 'Simmer everything for 25 minutes.'],
  },
  {
    id: 'omelette',
    title: 'Omelette',
    diet: 'vegetarian',
    ingredients: { egg: 150, butter: 10 },
    steps: ['Beat the eggs.', 'Fry them in the butter until they set.'],
  },
  {
    id: 'onion-tart',
    title: 'Onion tart',
    diet: 'vegetarian',
    ingredients: { flour: 90, butter: 45, onion: 120, egg: 50 },
    steps: ['Make a short crust.', 'Soften the onions, mix with the eggs.', 'Bake for 40 minutes.'],
  },
  {
    id: 'trout',
    title: 'Trout with almonds',
    diet: 'any',
    ingredients: { trout: 250, almonds: 20, butter: 20 },
    steps: ['Fry the trout, four minutes a side.', 'Brown the almonds in the butter and pour them over.'],
  },
];

/** A recipe box in memory. */
@Injectable()
export class RecipesService {
  all(diet: Diet = 'any'): readonly Recipe[] {
    if (diet === 'any') return RECIPES;
    return RECIPES.filter((recipe) => recipe.diet === diet || recipe.diet === 'vegan');
  }

  find(id: string): Recipe | undefined {
    return RECIPES.find((recipe) => recipe.id === id);
  }

  toMarkdown({ title, ingredients, steps }: Recipe, servings: number): string {
    const list = Object.entries(ingredients).map(([name, grams]) => `- ${grams * servings} g ${name}`);
    return [
      `# ${title}`,
      `For ${servings}:`,
      ...list,
      ...steps.map((step, index) => `${index + 1}. ${step}`),
    ].join('\n');
  }
}

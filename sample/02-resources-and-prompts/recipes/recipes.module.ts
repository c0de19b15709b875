import { Module } from '@nestjs/common';
import { RecipesPrompts } from './recipes.prompts.js';
import { RecipesResources } from './recipes.resources.js';
import { RecipesService } from './recipes.service.js';

@Module({ providers: [RecipesService, RecipesResources, RecipesPrompts] })
export class RecipesModule {}

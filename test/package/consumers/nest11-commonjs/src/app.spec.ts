import { Test } from '@nestjs/testing';
import { AppModule, Greetings } from './app.module';
import { callGreet } from './call-greet';
import { callInProcess } from './call-in-process';

describe('a tool', () => {
  it('answers over HTTP', async () => {
    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
    expect(await callGreet(testing.createNestApplication())).toBe('Hello Ada');
  });

  it('uses an overridden provider', async () => {
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(Greetings)
      .useValue({ for: (name: string) => `Overridden ${name}` })
      .compile();
    expect(await callGreet(testing.createNestApplication())).toBe('Overridden Ada');
  });

  it('answers the test client', async () => {
    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
    expect(await callInProcess(testing.createNestApplication({ logger: false }))).toBe('Hello Ada');
  });
});

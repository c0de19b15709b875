import { postgresSql } from 'nestjs-mcp-adapters/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A version of the library with other tables needs one more migration like this; until it has run, it does not start. */
export class CreateMcpTables1700000000001 implements MigrationInterface {
  /** The SQL is a transaction already. */
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(postgresSql());
  }

  /** Sessions are not worth keeping, but the version before may be running still. */
  async down(): Promise<void> {}
}

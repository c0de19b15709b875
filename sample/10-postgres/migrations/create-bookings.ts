import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateBookings1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
      { name: 'room', type: 'integer' },
      { name: 'night', type: 'date' },
      { name: 'guest', type: 'text' },
    ] as const;
    const uniques = [{ columnNames: ['room', 'night'] }];
    await queryRunner.createTable(new Table({ name: 'booking', columns: [...columns], uniques }));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('booking');
  }
}

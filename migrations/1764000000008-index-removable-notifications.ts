import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets retention find what is due without reading what is not. */
export class IndexRemovableNotifications1764000000008 implements MigrationInterface {
  name = 'IndexRemovableNotifications1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX notification_removable_index ON notification (read_at)
        WHERE read_at IS NOT NULL AND delivered_at IS NOT NULL
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX notification_removable_index');
  }
}

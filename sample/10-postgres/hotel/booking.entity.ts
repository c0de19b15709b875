import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A table of the application, in the same database as the sessions. */
@Entity()
@Unique(['room', 'night'])
export class Booking {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('integer')
  room!: number;

  @Column('date')
  night!: string;

  @Column('text')
  guest!: string;
}

// Column mapping of city.
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('city')
export class CityEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'folded_name' })
  foldedName!: string;

  @Column('char')
  country!: string;

  @Column('text', { name: 'time_zone' })
  timeZone!: string;

  @Column('double precision', { nullable: true })
  latitude!: number | null;

  @Column('double precision', { nullable: true })
  longitude!: number | null;
}

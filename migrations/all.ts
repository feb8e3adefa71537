// Every migration, in order. A test holds this list against the folder.
import { CreateUsers1764000000001 } from './1764000000001-create-users.js';
import { CreatePlaces1764000000002 } from './1764000000002-create-places.js';
import { CreateBookings1764000000003 } from './1764000000003-create-bookings.js';
import { CreateReviews1764000000004 } from './1764000000004-create-reviews.js';
import { CreateNotifications1764000000005 } from './1764000000005-create-notifications.js';
import { IndexRemovableNotifications1764000000008 } from './1764000000008-index-removable-notifications.js';

export const MIGRATIONS = [
  CreateUsers1764000000001,
  CreatePlaces1764000000002,
  CreateBookings1764000000003,
  CreateReviews1764000000004,
  CreateNotifications1764000000005,
  IndexRemovableNotifications1764000000008,
];

// A schema as people write it: names that are left out, columns that are spread, enums, schemas, expressions.
import { relations, sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgSchema,
  pgTable,
  primaryKey,
  serial,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
  type AnyPgColumn,
} from "drizzle-orm/pg-core";

const timestamps = {
  createdAt: timestamp("created_at", { withTimezone: true }).defaultNow().notNull(),
  updatedAt: timestamp("updated_at", { precision: 3 }).$onUpdate(() => new Date()),
};

export const roleEnum = pgEnum("role", ["user", "admin"]);

export const users = pgTable("users", {
  id: serial("id").primaryKey(),
  email: varchar("email", { length: 255 }).notNull().unique(),
  name: text("name"),
  role: roleEnum("role").default("user").notNull(),
  invitedBy: integer("invited_by").references((): AnyPgColumn => users.id, { onDelete: "set null" }),
  tags: text("tags").array().notNull().default(sql`'{}'::text[]`),
  settings: jsonb("settings").$type<{ theme: string }>().default({ theme: "dark" }),
  ...timestamps,
}, (t) => [uniqueIndex("users_lower_email").on(sql`lower(${t.email})`), index().on(t.name, t.createdAt.desc())]);

export const posts = pgTable(
  "posts",
  {
    id: uuid("id").defaultRandom().primaryKey(),
    authorId: integer("author_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade", onUpdate: "cascade" }),
    title: varchar("title", { length: 200 }).notNull(),
    price: numeric("price", { precision: 10, scale: 2 }).default("0.00"),
    rank: smallint("rank").notNull().default(-1),
    published: boolean("published").default(false).notNull(),
    words: integer("words").generatedAlwaysAs(sql`length(title)`),
    number: integer("number").generatedAlwaysAsIdentity(),
    ...timestamps,
  },
  (table) => ({
    titleOfAuthor: unique("one_title").on(table.authorId, table.title),
    newest: index("posts_newest").on(table.published, table.createdAt.desc().nullsFirst()).where(sql`published`),
    search: index("posts_search").using("gin", sql`to_tsvector('english', ${table.title})`),
    positive: check("price_positive", sql`${table.price} >= 0`),
  }),
);

export const billing = pgSchema("billing");

export const invoices = billing.table("invoices", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  postId: uuid("post_id").notNull(),
  userId: integer("user_id"),
}, (t) => [
  foreignKey({ columns: [t.postId], foreignColumns: [posts.id], name: "invoice_post" }).onDelete("restrict"),
  foreignKey({ columns: [t.userId], foreignColumns: [users.id] }),
  unique().on(t.postId, t.userId),
]);

export const postTags = pgTable("post_tags", {
  postId: uuid("post_id").notNull().references(() => posts.id),
  tag: text("tag").notNull(),
}, (t) => [primaryKey({ columns: [t.postId, t.tag] })]);

export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));

/* /status, and what `plimsoll status` reads back from it: the same table both ways. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "report/view_fields.h"

static void field_add(struct text *out, const struct view_field *field, const void *base)
{
    const void *value = (const char *)base + field->offset;

    text_add_json(out, bytes_of_text(field->key));
    text_add_char(out, ':');
    switch (field->kind) {
    case VIEW_TEXT:
        text_add_json(out, bytes_of_text(value));
        break;
    case VIEW_BOOL:
        text_add(out, *(const bool *)value ? "true" : "false");
        break;
    case VIEW_U32:
        text_add_u64(out, *(const uint32_t *)value);
        break;
    case VIEW_U64:
        text_add_u64(out, *(const uint64_t *)value);
        break;
    case VIEW_I64:
        text_add_i64(out, *(const int64_t *)value);
        break;
    }
}

static void fields_add(struct text *out, const struct view_field *field, size_t count,
                       const void *base)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        field_add(out, &field[i], base);
    }
}

static void list_add(struct text *out, const struct view_list *list, const struct view *view)
{
    uint32_t count = *(const uint32_t *)(const void *)((const char *)view + list->count_offset);

    MUST(count <= list->max);
    text_add_char(out, ',');
    text_add_json(out, bytes_of_text(list->key));
    text_add(out, ":[");
    for (uint32_t i = 0; i < count; i++) {
        text_add(out, i == 0 ? "{" : ",{");
        fields_add(out, list->field, list->field_count,
                   (const char *)view + list->offset + i * list->item_size);
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

void view_json(struct text *out, const struct view *view)
{
    text_add_char(out, '{');
    fields_add(out, view_fields, view_field_count, view);
    for (size_t i = 0; i < view_list_count; i++)
        list_add(out, &view_lists[i], view);
    text_add(out, "}\n");
}

/* What another version left out stays zero; what is of another kind is a refusal. */
static bool field_take(const struct view_field *field, void *base, const json_t *object)
{
    void *target = (char *)base + field->offset;
    const json_t *value = json_object_get(object, field->key);
    json_int_t number = json_integer_value(value);

    if (value == NULL)
        return true;
    switch (field->kind) {
    case VIEW_TEXT:
        if (!json_is_string(value))
            return false;
        (void)snprintf(target, field->size, "%s", json_string_value(value));
        return true;
    case VIEW_BOOL:
        *(bool *)target = json_is_true(value);
        return json_is_boolean(value);
    case VIEW_U32:
        *(uint32_t *)target = (uint32_t)number;
        return json_is_integer(value) && number >= 0 && number <= UINT32_MAX;
    case VIEW_U64:
        *(uint64_t *)target = (uint64_t)number;
        return json_is_integer(value) && number >= 0;
    case VIEW_I64:
        *(int64_t *)target = number;
        return json_is_integer(value);
    }
    return false;
}

static bool fields_take(const struct view_field *field, size_t count, void *base,
                        const json_t *object)
{
    for (size_t i = 0; i < count; i++)
        if (!field_take(&field[i], base, object))
            return false;
    return json_is_object(object);
}

/* A daemon with larger lists than ours is cut at our bounds. */
static bool list_take(const struct view_list *list, struct view *view, const json_t *root)
{
    const json_t *array = json_object_get(root, list->key);
    size_t count = json_array_size(array);

    if (array != NULL && !json_is_array(array))
        return false;
    if (count > list->max)
        count = list->max;
    for (size_t i = 0; i < count; i++) {
        void *item = (char *)view + list->offset + i * list->item_size;
        if (!fields_take(list->field, list->field_count, item, json_array_get(array, i)))
            return false;
    }
    *(uint32_t *)(void *)((char *)view + list->count_offset) = (uint32_t)count;
    return true;
}

bool view_parse(struct view *out, struct bytes json)
{
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, NULL);

    memset(out, 0, sizeof(*out));
    bool is_sound = root != NULL && fields_take(view_fields, view_field_count, out, root);
    for (size_t i = 0; is_sound && i < view_list_count; i++)
        is_sound = list_take(&view_lists[i], out, root);
    json_decref(root);
    return is_sound;
}

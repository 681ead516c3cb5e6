/* SPDX-License-Identifier: MIT */
#include "emu/model/base/yaml_tree.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct sfe_tree *good(const char *text, unsigned flags)
{
	struct sfe_error err = {0};
	struct sfe_tree *t;
	char buf[1200];

	if (sfe_tree_read(text, strlen(text), "t.yaml", flags, &t, &err))
		fprintf(stderr, "%s\n", sfe_error_text(&err, buf, sizeof(buf)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	return t;
}

static void refused(const char *text, unsigned flags, const char *want)
{
	struct sfe_error err = {0};
	struct sfe_tree *t;
	char buf[1200];
	int ret = sfe_tree_read(text, strlen(text), "t.yaml", flags, &t, &err);

	sfe_error_text(&err, buf, sizeof(buf));
	if (strncmp(buf, want, strlen(want)))
		fprintf(stderr, "got:  %s\nwant: %s\n", buf, want);
	CU_ASSERT_EQUAL(ret, -EINVAL);
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_EQUAL(strncmp(buf, want, strlen(want)), 0);
}

static void test_shape_and_lines(void)
{
	SFE_TREE_AUTO struct sfe_tree *t = good("links:\n"
						"- match: link_*\n"
						"  loss: 1%\n"
						"- {match: up_0, delay: 2ms}\n"
						"name: x\n",
		0);
	const struct sfe_tree *links = sfe_tree_get(t, "links");

	CU_ASSERT_EQUAL(t->kind, SFE_TREE_MAPPING);
	CU_ASSERT_PTR_NOT_NULL_FATAL(links);
	CU_ASSERT_EQUAL(links->kind, SFE_TREE_LIST);
	CU_ASSERT_EQUAL(links->line, 1);
	CU_ASSERT_EQUAL_FATAL(links->n, 2);
	CU_ASSERT_EQUAL(links->child[0]->line, 2);
	CU_ASSERT_EQUAL(sfe_tree_get(links->child[0], "loss")->line, 3);
	CU_ASSERT_STRING_EQUAL(sfe_tree_find(t, "links[0].loss")->text, "1%");
	CU_ASSERT_STRING_EQUAL(sfe_tree_find(t, "links[1].delay")->text, "2ms");
	CU_ASSERT_PTR_NULL(sfe_tree_find(t, "links[2]"));
	CU_ASSERT_PTR_NULL(sfe_tree_find(t, "links[1].loss"));
	CU_ASSERT_PTR_NULL(sfe_tree_find(t, "links[x]"));
	CU_ASSERT_PTR_NULL(sfe_tree_find(t, "name.x"));
	CU_ASSERT_PTR_EQUAL(sfe_tree_find(t, ""), t);
}

static void test_prints_what_it_read(void)
{
	static const char *const texts[] = {
		"a: 1\n",
		"a: [x, [y, ''], {z: 'it''s', '#': '- '}]\nb: {}\nc: []\n",
		"a: 'null'\nb: \"~ \xc3\xa9\"\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		SFE_TREE_AUTO struct sfe_tree *t = good(texts[i], 0);
		SFE_TREE_AUTO struct sfe_tree *copy = sfe_tree_copy(t);
		char first[512] = "", second[512] = "";
		FILE *out = fmemopen(first, sizeof(first), "w");
		sfe_tree_print(t, out);
		fclose(out);
		SFE_TREE_AUTO struct sfe_tree *again = good(first, 0);
		out = fmemopen(second, sizeof(second), "w");
		sfe_tree_print(again, out);
		fclose(out);
		CU_ASSERT_STRING_EQUAL(first, second);
		CU_ASSERT_EQUAL(again->n, t->n);
		out = fmemopen(second, sizeof(second), "w");
		sfe_tree_print(copy, out);
		fclose(out);
		CU_ASSERT_STRING_EQUAL(first, second);
	}
}

static void test_flags(void)
{
	SFE_TREE_AUTO struct sfe_tree *list = good("[a, b]", SFE_TREE_ANY_ROOT);
	SFE_TREE_AUTO struct sfe_tree *value = good("1%", SFE_TREE_ANY_ROOT);
	SFE_TREE_AUTO struct sfe_tree *dotted = good("link.node.rate: 1", SFE_TREE_DOTTED_KEYS);

	CU_ASSERT_EQUAL(list->kind, SFE_TREE_LIST);
	CU_ASSERT_EQUAL(list->n, 2);
	CU_ASSERT_STRING_EQUAL(value->text, "1%");
	CU_ASSERT_STRING_EQUAL(sfe_tree_get(dotted, "link.node.rate")->text, "1");
	refused("[a]", 0, "t.yaml:1: the file does not hold keys");
	refused("a.b: 1", 0, "t.yaml:1: the key 'a.b' has a dot");
}

static void test_refuses(void)
{
	refused("", 0, "t.yaml:1: the file is empty");
	refused("a: 1\na: 2\n", 0, "t.yaml:2: the key 'a' is already given in line 1");
	refused("a: &x 1\n", 0, "t.yaml:1: anchors");
	refused("a: *x\n", 0, "t.yaml:1: anchors");
	refused("a: [b\n", 0, "t.yaml:2: not YAML");
	refused("a: 1\n---\nb: 1\n", 0, "t.yaml:2: a second document");
	refused("? [a]\n: 1\n", 0, "t.yaml:1: a key that is not a plain text");
	refused("a: \"x\\ty\"\n", 0, "t.yaml:1: a text with a control character");
}

static void test_limits(void)
{
	size_t n = SFE_TREE_MAX_ENTRIES + 10;
	char *text = malloc(2 * n + 8);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	strcpy(text, "a: [");
	for (size_t i = 0; i < n; i++)
		memcpy(text + 4 + 2 * i, "1,", 2);
	strcpy(text + 4 + 2 * n, "1]");
	refused(text, 0, "t.yaml:1: more than 16384 keys and values");
	text[0] = 0;
	for (unsigned i = 0; i < SFE_TREE_MAX_DEPTH + 2; i++)
		strcat(text, "[");
	refused(text, SFE_TREE_ANY_ROOT, "t.yaml:1: nested more than 16 deep");
	memset(text, 'x', SFE_TREE_MAX_VALUE + 1);
	text[SFE_TREE_MAX_VALUE + 1] = 0;
	refused(text, SFE_TREE_ANY_ROOT, "t.yaml:1: a text of more than 4096 bytes");
	free(text);
}

static void test_check_keys(void)
{
	static const char *const keys[] = {"match", "loss", NULL};
	SFE_TREE_AUTO struct sfe_tree *t = good("l:\n- {match: a}\n- {los: 1}\n- x\n", 0);
	const struct sfe_tree *l = sfe_tree_get(t, "l");
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_tree_check_keys(l->child[0], "t.yaml", keys, &err), 0);
	CU_ASSERT_EQUAL(sfe_tree_check_keys(l->child[1], "t.yaml", keys, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "t.yaml:3");
	CU_ASSERT_STRING_EQUAL(err.what, "unknown key 'los'");
	CU_ASSERT_STRING_EQUAL(err.todo, "the keys are match, loss");
	CU_ASSERT_EQUAL(sfe_tree_check_keys(l->child[2], "t.yaml", keys, &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_tree_check_keys(l, "t.yaml", keys, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.what, "l: is not a group where a group of keys belongs");
	CU_ASSERT_PTR_NULL(sfe_tree_text(l, "t.yaml", "l", &err));
	CU_ASSERT_STRING_EQUAL(err.what, "l: is a list where one value belongs");
}

static const struct unit_test tests[] = {
	{"shape and lines", test_shape_and_lines},
	{"prints what it read", test_prints_what_it_read},
	{"flags", test_flags},
	{"refuses", test_refuses},
	{"limits", test_limits},
	{"check keys", test_check_keys},
};

int main(void)
{
	return unit_main("yaml tree", tests, sizeof(tests) / sizeof(tests[0]));
}

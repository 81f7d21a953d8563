/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Our parser of xl.cfg against xl's own, on texts chosen to be tricky and on all test files.
 */
#include <glib.h>
#include <string.h>

#include "judge_xlcfg.h"

typedef struct {
    const char *text;
    gsize length; /* 0: up to the NUL */
} Text;

#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

/* Taken by both. */
static const Text taken[] = {
    {""},
    {"\n"},
    {"\n\n\n"},
    {";"},
    {";;;\n;"},
    {" \t "},
    {"# comment\n"},
    {"## # \"'[\n"},
    {"#\n"},
    {"a=1"},
    {"a=1\n"},
    {"a=1;"},
    {"a=1;b=2"},
    {"a=1;;b=2;"},
    {";a=1\n"},
    {"a=1 # comment\n"},
    {"a=1# comment\n"},
    {"a=1#\n"},
    {"a\t=\t1\t\n"},
    {"   a   =   1   "},
    {"a=0"},
    {"a=00"},
    {"a=0x10"},
    {"a=0x"},
    {"a=0xff"},
    {"a=08"},
    {"a=010"},
    {"a=1e"},
    {"a=1x1x1"},
    {"a=12abcdef"},
    {"a=9223372036854775807"},
    {"a=9223372036854775808"},
    {"a=99999999999999999999999999999999999999999999999999"},
    {"a=0x7fffffffffffffff"},
    {"a=0xffffffffffffffff"},
    {"a='-1'"},
    {"a=\"-9223372036854775808\""},
    {"a=\"-9223372036854775809\""},
    {"a='+5'"},
    {"a=' 5'"},
    {"a='5 '"},
    {"a='\\t5'"},
    {"a='\\n5'"},
    {"a='- 5'"},
    {"a='0X1F'"},
    {"a='0b1'"},
    {"a='1_000'"},
    {"a='1.5'"},
    {"a='8'"},
    {"a=\"8\""},
    {"a=''"},
    {"a=\"\""},
    {"a=' '"},
    {"a='x'"},
    {"a='\"'"},
    {"a=\"'\""},
    {"a='#'"},
    {"a=';'"},
    {"a='[1,2]'"},
    {"a='b=1'"},
    {"a='\t'"},
    {"a='\r'"},
    {"a='\x01\x02\x7f'"},
    {"a='\xff\xfe\x80'"},
    {"a='\xc3\xa9'"},
    {"a='\\a'"},
    {"a='\\b'"},
    {"a='\\f'"},
    {"a='\\n'"},
    {"a='\\r'"},
    {"a='\\t'"},
    {"a='\\v'"},
    {"a='\\\\'"},
    {"a='\\''"},
    {"a='\\\"'"},
    {"a=\"\\'\""},
    {"a=\"\\\"\""},
    {"a='\\\\\\''"},
    {"a='x\\ny\\tz\\\\'"},
    {"a='\\\\n'"},
    {"a='C:\\\\dir\\\\'"},
    {"a='\\012'"},
    {"a='x\\012y'"},
    {"a='\\0123'"},
    {"a='\\01234'"},
    {"a='\\099'"},
    {"a='\\712'"},
    {"a='\\0 1'"},
    {"a='\\0  1'"},
    {"a='\\0\t1'"},
    {"a='\\0\r12'"},
    {"a='\\0\v\f1'"},
    {"a='\\0+1'"},
    {"a='\\0-12'"},
    {"a='\\0 -1'"},
    {"a='\\012\\n\\012'"},
    {"a=[]"},
    {"a=[ ]"},
    {"a=[\n]"},
    {"a=[\n\n\n]"},
    {"a=[#\n]"},
    {"a=[1]"},
    {"a=[1,]"},
    {"a=[1,2]"},
    {"a=[1,2,]"},
    {"a=['x']"},
    {"a=['x',\"y\",3]"},
    {"a=[\n1\n,\n2\n,\n]\n"},
    {"a=[ 1 # one\n, # comma\n 2 # two\n # end\n]"},
    {"a=[\n\n1\n\n,\n\n2\n\n]"},
    {"a=[[]]"},
    {"a=[[],[]]"},
    {"a=[[],]"},
    {"a=[[1],[2,3],4]"},
    {"a=[[1,],\n[2,\n3],\n]"},
    {"a=[[[[[['x']]]]]]"},
    {"a=[\n[\n[\n1\n]\n,\n]\n]"},
    {"a=['1'];b=[2]"},
    {"a=1\na=2"},
    {"a=1\na='x'\na=[1]"},
    {"a=[1]\na=2\n"},
    {"a=1\nb=2\na=3\nb=4\n"},
    {"a+=1"},
    {"a+='x'"},
    {"a+=[1]"},
    {"a+=[]"},
    {"a += 'x'\n"},
    {"a='x'\na+='y'"},
    {"a='x'\na+='y'\na+='z'"},
    {"a=1\na+=2"},
    {"a=1\na+='x'"},
    {"a=''\na+=''"},
    {"a='\\n'\na+='x\\t'\na+='\\012z'"},
    {"a='x'\na+='y'\na='z'"},
    {"a='x'\na+='y'\na='z'\na+='w'"},
    {"a+=1\na=2"},
    {"a=1\na+=''"},
    {"a=[1]\na+=[2]"},
    {"a=[1]\na+=[2]\na+=[3,4]\na+=[]\na+=[5]"},
    {"a=[]\na+=[]"},
    {"a=[]\na+=[1]"},
    {"a=[1]\na+=[]"},
    {"a=[[1]]\na+=[[2],3]"},
    {"a=[1]\na=2\na+=3"},
    {"a='x'\na=[1]\na+=['y']"},
    {"a='x'\nb='y'\na+='z'\nb+='w'"},
    {"a_b=1"},
    {"a.b=1"},
    {"a.=1"},
    {"a_=1"},
    {"a1=1"},
    {"a0.1_2=1"},
    {"z=1"},
    {"abcdefg=1;abcdefgh=2;abcdefghi=3;abcdefghijklmnop=4;abcdefghijklmnopq=5;abcdefghijklmnopqr=6"},
    {"aa=1;ab=2;ac=3;ba=4;bb=5;aaa=6;aba=7;aaaa=8;aaab=9;aaaaa=10"},
    {"a=1@"},
    {"a=1 @"},
    {"a=1G"},
    {"a=1\n@"},
    {"a=1\r"},
    {"a='x'\""},
    {"a=1 '"},
    {"a=1 #"},
    {"a=1\n#"},
    {"#"},
    {"@"},
    {"+"},
    {"A"},
    {"\\"},
    {"\xff"},
    {"a=1 -"},
    {"a=[1]."},
    {"# comment with CR\r\na=1 #\r\n"},
    {"name='g'\nvcpus=\"2\"\nmemory=1024;disk=['a,b',\n'c']\n"},
    {"channel = [ 'connection=socket, path=/run/x, name=a' ,\n\t# second\n\t\"connection=pty,name=b\" ]\n"},
    BYTES("\0"),
    BYTES("a=1\0"),
    BYTES("#\0\n"),
    BYTES("a=1 # \0\0 \n"),
};

/* Refused by both. */
static const Text refused[] = {
    {"a"},
    {"a\n"},
    {"a b"},
    {"a="},
    {"a=\n"},
    {"a=\n1"},
    {"a\n=1"},
    {"a=;"},
    {"=1"},
    {"1=1"},
    {"'a'=1"},
    {"a==1"},
    {"a=+1"},
    {"a=-1"},
    {"a=- 1"},
    {"a=1.5"},
    {"a=.5"},
    {"a=1k"},
    {"a=1G\n"},
    {"a=1GB"},
    {"a=0xFF"},
    {"a=0X1"},
    {"a=1 2"},
    {"a=1,2"},
    {"a=1,"},
    {"a='x''y'"},
    {"a='x' 'y'"},
    {"a='x'y"},
    {"a=1'x'"},
    {"a=b"},
    {"a=true"},
    {"a=None"},
    {"A=1"},
    {"Name='x'"},
    {"aB=1"},
    {"_a=1"},
    {".a=1"},
    {"a-b=1"},
    {"a:b=1"},
    {"a b=1"},
    {"a=1 b=2"},
    {"a=[1"},
    {"a=["},
    {"a=]"},
    {"a=1]"},
    {"a=[1]]"},
    {"a=[,]"},
    {"a=[,1]"},
    {"a=[1,,2]"},
    {"a=[1,,]"},
    {"a=[1 2]"},
    {"a=['x' 'y']"},
    {"a=['x'\n'y']"},
    {"a=[1;2]"},
    {"a=[1];]"},
    {"a=[b]"},
    {"a=[b=1]"},
    {"a=[1\nb=2\n"},
    {"a=[1,\nb=2\n"},
    {"a=[[1]"},
    {"a=[1][2]"},
    {"a=[1]+[2]"},
    {"a=(1)"},
    {"a={}"},
    {"a=$x"},
    {"a=`x`"},
    {"a=1@@"},
    {"a=1@\n"},
    {"a=1 @ "},
    {"@@"},
    {"@\n"},
    {"@ "},
    {"# no newline"},
    {"##"},
    {"a=1 # no newline"},
    {"a=1 #\xc3"},
    {"a='x"},
    {"a=\""},
    {"a='"},
    {"a='x\""},
    {"a='x\n'"},
    {"a='x\\"},
    {"a='x\\\n'"},
    {"a='x\\'"},
    {"a='\\x41'"},
    {"a='\\x'"},
    {"a='\\x4'"},
    {"a='\\x414'"},
    {"a='\\0'"},
    {"a='\\01'"},
    {"a='\\1x'"},
    {"a='\\0 '"},
    {"a='\\0+'"},
    {"a='\\0   1'"},
    {"a='\\0- 1'"},
    {"a='\\0\\01'"},
    {"a='\\8'"},
    {"a='\\9'"},
    {"a='\\c'"},
    {"a='\\N'"},
    {"a='\\ '"},
    {"a='\\/'"},
    {"a='\\\xc3\xa9'"},
    {"a='\\u1234'"},
    {"a=\"\"\"x\"\"\""},
    {"a=1\r\n"},
    {"a='x'\r\n"},
    {"\r\n"},
    {"a=[\r\n]"},
    {"\xef\xbb\xbf"
     "a=1\n"},
    {"a=1\xc3\xa9"},
    {"a=\xc2\xa0"
     "1"},
    {"a=1\na+=[1]"},
    {"a='x'\na+=[]"},
    {"a=[]\na+=''"},
    {"a=[1]\na+='x'"},
    {"a+=[1]\na+=2"},
    {"a=1\nb\na=2"},
    {"a + = 1"},
    {"a+1"},
    {"a +"
     "\n"},
    {"a=1+"
     "\n"},
    {"a-=1"},
    {"a*=1"},
    {"import os\n"},
    {"def f():\n  return 1\n"},
    {"if a == 1: b = 2\n"},
    {"a = 'x' % y\n"},
    {"a = 'x' + 'y'\n"},
    {"<domain/>\n"},
    {"{\"a\": 1}\n"},
    {"[a]\n"},
    {"a: 1\n"},
    {"[]=1"},
    {"]"},
    {"["},
    {","},
    {"="},
    {"+="},
    BYTES("\0\0"),
    BYTES("\0\n"),
    BYTES("a\0=1"),
    BYTES("a=\0"
          "1"),
    BYTES("\xff\xfe"
          "a\0=\0"
          "1\0"),
};

static void check(const Text *text, JudgeVerdict wanted)
{
    g_autoptr(GString) why = g_string_new(NULL);
    gsize length = text->length ? text->length : strlen(text->text);
    g_autofree char *exact =
        length ? g_memdup2(text->text, length) : g_strdup(""); /* so that a sanitizer sees a read behind the end */
    JudgeVerdict verdict = judge_xlcfg(exact, length, why);

    if (verdict != wanted)
        g_error("'%s': verdict %d instead of %d: %s", text->text, verdict, wanted, why->str);
}

static void test_taken(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(taken); i++)
        check(&taken[i], JUDGE_BOTH_TAKE);
}

static void test_refused(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(refused); i++)
        check(&refused[i], JUDGE_BOTH_REFUSE);
}

/* Every text of up to four of these words, with and without blanks between them. */
static void test_combinations(void)
{
    static const char *const words[] = {"a", "=", "+=", "1", "'x'", "[", "]", ",", "\n", ";", "#", "b=2"};
    const unsigned n = G_N_ELEMENTS(words);

    for (unsigned i = 0; i < n * n * n * n; i++) {
        g_autofree char *text =
            g_strconcat("a=", words[i % n], words[i / n % n], words[i / n / n % n], words[i / n / n / n], NULL);
        g_autoptr(GString) why = g_string_new(NULL);

        if (judge_xlcfg(text, strlen(text), why) == JUDGE_DISAGREE)
            g_error("'%s': %s", text, why->str);
    }
}

/* All pairs of bytes behind a backslash, and every byte in each position that scanners tell apart. */
static void test_bytes(void)
{
    static const char *const forms[] = {"a='\\%c'", "a='\\0%c1'", "a='\\0%c12'", "a='%c'", "a%c=1",
                                        "%ca=1\n",  "a=%c1\n",    "a=1%c\n",     "a=1%c",  "a=[1%c2]"};

    for (unsigned i = 0; i < G_N_ELEMENTS(forms); i++) {
        for (int byte = 1; byte < 256; byte++) {
            g_autofree char *text = g_strdup_printf(forms[i], byte);
            g_autoptr(GString) why = g_string_new(NULL);

            if (judge_xlcfg(text, strlen(text), why) == JUDGE_DISAGREE)
                g_error("'%s': %s", text, why->str);
        }
    }
}

/* Each file of the folder must be judged alike, whether it is a good one or not. */
static void check_folder(const char *path, const char *suffix)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *file = g_build_filename(path, name, NULL), *text = NULL;
        g_autoptr(GString) why = g_string_new(NULL);
        gsize length;

        if (g_str_has_suffix(name, suffix) && g_file_get_contents(file, &text, &length, NULL) &&
            judge_xlcfg(text, length, why) == JUDGE_DISAGREE)
            g_error("%s: %s", file, why->str);
    }
}

static void test_files(void)
{
    g_autofree char *pairs = g_build_filename(SOURCE_ROOT, "tests", "xlconfigdata", NULL);
    g_autofree char *seeds = g_build_filename(SOURCE_ROOT, "fuzz", "seeds", "xlcfg_syntax", NULL);

    check_folder(pairs, ".cfg");
    check_folder(seeds, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xlcfg/judge/taken", test_taken);
    g_test_add_func("/xlcfg/judge/refused", test_refused);
    g_test_add_func("/xlcfg/judge/combinations", test_combinations);
    g_test_add_func("/xlcfg/judge/bytes", test_bytes);
    g_test_add_func("/xlcfg/judge/files", test_files);
    return g_test_run();
}

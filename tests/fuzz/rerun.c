/*
 * A find of the fuzzer is a test for ever, but not everybody has a fuzzing compiler: this feeds
 * files to the same entry, under whatever sanitizers it was built with. Arguments: folders of
 * inputs.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_SIZE_MAX (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint8_t *data = malloc(INPUT_SIZE_MAX);
    size_t size = data == NULL ? 0 : fread(data, 1, INPUT_SIZE_MAX, file);
    fclose(file);
    /* a copy of the exact size, so that one byte too far is seen */
    uint8_t *exact = realloc(data, size > 0 ? size : 1);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

static int run_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    int failed = 0, count = 0;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        failed += run_file(path);
        count++;
    }
    if (dir != NULL)
        closedir(dir);
    printf("%d passed, %d failed\n", count - failed, failed);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed += run_folder(argv[i]);
    return failed > 0;
}

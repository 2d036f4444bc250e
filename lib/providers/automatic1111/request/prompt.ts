/**
 * What a server would obey instead of draw: `<lora:…>`, `<hypernet:…>` and every other `<name:…>` of its extensions load files by
 * name, and stable-diffusion.cpp takes any setting from `<sd_cpp_extra_args>`. A space after the `<` leaves the words and ends the
 * spell. `(a:1.2)`, `[a:b:0.5]`, `AND` and `BREAK` are ways to draw, and stay.
 *
 * @see AUTOMATIC1111/stable-diffusion-webui, modules/extra_networks.py, `re_extra_net`
 */
export const neutralised = (text: string): string =>
  text.replace(/<(?=[^\s<>:]+:|\/?sd_cpp_extra_args)/gi, "< ");
